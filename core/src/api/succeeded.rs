use super::shape::reply;

reply! {
    /// The reply of a route that returns no object. GHL spells it `succeded`, `succeeded` or `success`, and
    /// some routes leave it out.
    #[derive(Copy, Eq)]
    pub struct Succeeded or null {
        /// Whether GHL says that it did; a 2xx that says nothing counts as yes.
        pub succeeded: bool = or_yes("succeeded", "succeded", "success"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::testing::read;

    #[test]
    fn every_spelling_is_read() {
        for name in ["succeded", "succeeded", "success"] {
            assert!(read::<Succeeded>(&format!(r#"{{"{name}":true}}"#)).succeeded);
            assert!(!read::<Succeeded>(&format!(r#"{{"{name}":false}}"#)).succeeded);
        }
        for silent in ["null", "{}", r#"{"traceId":"t"}"#] {
            assert!(read::<Succeeded>(silent).succeeded, "{silent}");
        }
    }
}
