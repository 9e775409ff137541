use ghlkit::sync::Engine;
use tokio::task::JoinHandle;

/// A worker's loop; dropped, it dies as in a crash.
pub struct Worker(JoinHandle<ghlkit::Result<()>>);

impl Worker {
    /// Starts the loop.
    pub fn start(engine: &Engine) -> Self {
        let engine = engine.clone();
        Self(tokio::spawn(async move { engine.run().await }))
    }

    /// Kills it and waits until its future is gone.
    pub async fn kill(mut self) {
        self.0.abort();
        match (&mut self.0).await {
            Err(error) if error.is_cancelled() => {}
            ended => panic!("the worker had ended by itself: {ended:?}"),
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.0.abort();
    }
}
