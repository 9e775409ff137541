use std::sync::{Arc, Mutex};

use ghlkit::ports::{BoxFuture, Notice, Notifier};
use serde_json::Value;

/// Remembers what was told.
#[derive(Clone, Default)]
pub struct Told(Arc<Mutex<Vec<Notice>>>);

impl Told {
    /// The notices of a kind about an order.
    pub fn about(&self, order: &str, kind: &str) -> Vec<Value> {
        let notices = self.0.lock().unwrap();
        let meant = notices.iter().filter(|notice| notice.order.as_str() == order && notice.kind == kind);
        meant.map(|notice| serde_json::from_str(&notice.payload).unwrap()).collect()
    }
}

impl Notifier for Told {
    fn notify<'a>(&'a self, notice: &'a Notice) -> BoxFuture<'a, ghlkit::Result<()>> {
        self.0.lock().unwrap().push(notice.clone());
        Box::pin(std::future::ready(Ok(())))
    }
}
