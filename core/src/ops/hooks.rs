use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicU8, Ordering},
};

use crate::{
    client::{CallEvent, Client, Happening, Observer},
    error::{Error, Result},
    ports::Shared,
};

/// What may happen to a call, by name; its place is its bit.
const KINDS: [&str; 5] = ["request", "response", "retry", "rateLimit", "error"];

/// Hears of calls, as the JSON of a [`CallEvent`].
pub trait Listener: Fn(String) + Shared {}
impl<T: Fn(String) + Shared> Listener for T {}

/// Hands what happens to calls over to a host that listens. A clone is the same.
#[derive(Clone, Default)]
pub struct Hooks(Arc<State>);

#[derive(Default)]
struct State {
    /// What the host listens to: while that is nothing, an event costs a look at this.
    kinds: AtomicU8,
    listener: Mutex<Option<Arc<dyn Listener>>>,
}

impl Hooks {
    /// Nobody listens yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// A clone of the client whose calls are told here.
    pub fn observing(&self, client: &Client) -> Client {
        client.with_observer(Arc::new(self.clone()))
    }

    /// Tells the listener of these kinds from now on, in place of another: names with commas between. Without any, it is let
    /// go of.
    ///
    /// # Errors
    /// `invalid_argument`, field `kinds`.
    pub fn listen(&self, kinds: &str, listener: impl Listener + 'static) -> Result<()> {
        let mut bits = 0;
        for kind in kinds.split(',').filter(|kind| !kind.is_empty()) {
            let place = KINDS.iter().position(|known| *known == kind).ok_or_else(|| {
                Error::invalid("kinds", format_args!("expected some of {}", KINDS.join(", ")))
            })?;
            bits |= 1 << place;
        }
        let listener: Option<Arc<dyn Listener>> = if bits == 0 { None } else { Some(Arc::new(listener)) };
        self.0.kinds.store(bits, Ordering::Relaxed);
        let before =
            std::mem::replace(&mut *self.0.listener.lock().unwrap_or_else(PoisonError::into_inner), listener);
        // Outside of the lock: it may do anything.
        drop(before);
        Ok(())
    }
}

impl Observer for Hooks {
    fn observe(&self, event: &CallEvent<'_>) {
        let place = match event.what {
            Happening::Request => 0,
            Happening::Response { .. } => 1,
            Happening::Retry { .. } => 2,
            Happening::RateLimit { .. } => 3,
            Happening::Error { .. } => 4,
        };
        if self.0.kinds.load(Ordering::Relaxed) & (1 << place) == 0 {
            return;
        }
        let listener = self.0.listener.lock().unwrap_or_else(PoisonError::into_inner).clone();
        // Texts and numbers only: nothing in it can fail to be written.
        if let (Some(listener), Ok(json)) = (listener, serde_json::to_string(event)) {
            listener(json);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Weak;

    use super::*;
    use crate::{
        api::testing::Rig,
        ops::call,
        testing::{Step, drive},
    };

    const GET: &str = r#"{"contactId":"con1"}"#;

    #[test]
    fn a_host_hears_what_it_listens_to_and_nothing_else() {
        let rig = Rig::new();
        let hooks = Hooks::new();
        let client = hooks.observing(&rig.client);
        let heard: Arc<Mutex<Vec<String>>> = Arc::default();
        let called =
            || drive(&rig.clock, call(&client, Some(&rig.location), "contacts.get", GET, "{}")).unwrap();
        let listen = |kinds: &str| {
            let to = Arc::clone(&heard);
            hooks.listen(kinds, move |event| to.lock().unwrap().push(event))
        };
        rig.transport.otherwise(Step::reply(404, r#"{"message":"no ann@example.com","traceId":"t-1"}"#));
        called();
        listen("response,error").unwrap();
        called();
        listen("").unwrap();
        called();
        assert_eq!(listen("response,requests").unwrap_err().field(), Some("kinds"));
        let common = r#""method":"GET","route":"/contacts/{contactId}","locationId":"loc1","attempt":1"#;
        assert_eq!(
            *heard.lock().unwrap(),
            [
                format!(r#"{{"call":2,{common},"type":"response","status":404,"durationMs":0}}"#),
                format!(
                    r#"{{"call":2,{common},"type":"error","code":"not_found","status":404,"traceId":"t-1","delivery":"answered"}}"#
                ),
            ]
        );
    }

    #[test]
    fn who_listens_no_more_is_let_go_of() {
        let (hooks, held) = (Hooks::new(), Arc::new(()));
        let weak: Weak<()> = Arc::downgrade(&held);
        hooks.listen("retry", move |_| drop(Arc::clone(&held))).unwrap();
        assert_eq!(weak.strong_count(), 1);
        hooks.listen("", |_| {}).unwrap();
        assert_eq!(weak.strong_count(), 0);
    }
}
