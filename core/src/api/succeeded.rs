use serde::{Deserialize, Deserializer, Serialize};

use super::fields::Fields;

/// The reply of a route that returns no object. GHL spells it `succeded`, `succeeded` or `success`, and
/// some routes leave it out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Succeeded {
    /// Whether GHL says that it did; a 2xx that says nothing counts as yes.
    pub succeeded: bool,
}

impl<'de> Deserialize<'de> for Succeeded {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let fields = Option::<Fields>::deserialize(deserializer)?;
        let said = fields.and_then(|mut fields| fields.take(&["succeeded", "succeded", "success"]));
        Ok(Self { succeeded: said.unwrap_or(true) })
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
