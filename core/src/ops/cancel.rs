use std::pin::pin;

use event_listener::Event;
use futures::future::{Either, select};
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use super::settle::error_text;
use crate::error::{Code, Error};

/// Cancels a call from outside. A clone cancels the same call.
#[derive(Debug, Clone, Default)]
pub struct Cancel(Arc<State>);

#[derive(Debug, Default)]
struct State {
    fired: AtomicBool,
    bell: Event,
}

impl Cancel {
    /// One that has not fired.
    pub fn new() -> Self {
        Self::default()
    }

    /// Ends the call; once is enough, and again does no harm.
    pub fn fire(&self) {
        self.0.fired.store(true, Ordering::SeqCst);
        self.0.bell.notify(usize::MAX);
    }

    /// Whether it has fired.
    pub fn is_fired(&self) -> bool {
        self.0.fired.load(Ordering::SeqCst)
    }

    /// Runs a call to its end, or drops it once this fires: it then settles as `aborted`.
    pub async fn guard(&self, call: impl Future<Output = String>) -> String {
        let fired = async {
            loop {
                let rung = self.0.bell.listen();
                if self.0.fired.load(Ordering::SeqCst) {
                    return;
                }
                rung.await;
            }
        };
        match select(pin!(fired), pin!(call)).await {
            Either::Left(_) => error_text(&Error::new(Code::Aborted, "the call was cancelled by its caller")),
            Either::Right((settled, _)) => settled,
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::{executor::block_on, future::pending};

    use super::*;

    #[test]
    fn a_call_that_was_cancelled_before_or_while_it_ran_is_aborted() {
        let cancel = Cancel::new();
        cancel.fire();
        assert!(block_on(cancel.guard(pending())).contains(r#""code":"aborted""#));
        assert!(block_on(cancel.guard(async { "done".to_owned() })).contains("aborted"), "it never began");
        let later = Cancel::new();
        let firing = async {
            later.clone().fire();
            pending::<()>().await;
        };
        let both = async {
            match select(pin!(later.guard(pending())), pin!(firing)).await {
                Either::Left((settled, _)) => settled,
                Either::Right(_) => String::new(),
            }
        };
        assert!(block_on(both).contains("aborted"));
    }

    #[test]
    fn a_call_that_is_left_alone_runs_to_its_end() {
        assert_eq!(block_on(Cancel::new().guard(async { "done".to_owned() })), "done");
    }
}
