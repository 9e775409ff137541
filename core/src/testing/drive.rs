use std::{
    future::Future,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
};

use super::ManualClock;

#[derive(Default)]
struct Bell(AtomicBool);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// Runs a future to its end, moving the clock to the next sleeper whenever nothing else is left to do.
/// `None` if it waits for something that will never happen.
pub fn drive<F: Future>(clock: &ManualClock, future: F) -> Option<F::Output> {
    let bell = Arc::new(Bell::default());
    let waker = Waker::from(Arc::clone(&bell));
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return Some(output);
        }
        if !bell.0.swap(false, Ordering::SeqCst) {
            clock.advance_to(clock.next_wake()?);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::ports::Clock;

    #[test]
    fn time_passes_only_while_nothing_else_happens() {
        let clock = ManualClock::new(0);
        let all = async {
            let naps = [30, 10, 20].map(|ms| async move { ms });
            for nap in naps {
                clock.sleep(Duration::from_millis(nap.await)).await;
            }
            clock.now_ms()
        };
        assert_eq!(drive(&clock, all), Some(60));
        assert_eq!(drive(&clock, std::future::pending::<()>()), None);
    }
}
