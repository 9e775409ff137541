use mock_ghl::Received;
use serde_json::Value;

use crate::Shop;

/// A place in the server's log: what is received after it counts.
#[derive(Clone, Copy)]
pub struct Mark(usize);

/// One request as the server received it.
#[derive(Clone, Debug)]
pub struct Sent {
    /// Method and path, ids in the path written as `{id}`.
    pub line: String,
    /// The path as received.
    pub path: String,
    /// The query.
    pub query: Vec<(String, String)>,
    /// The body's text.
    pub text: String,
    /// The body as JSON; `Null` where there is none.
    pub body: Value,
    /// The status answered.
    pub status: u16,
}

impl Sent {
    fn new(received: &Received) -> Self {
        let text = String::from_utf8(received.body.clone()).unwrap();
        Self {
            line: format!("{} {}", received.method, without_ids(&received.path)),
            path: received.path.clone(),
            query: received.query.clone(),
            body: serde_json::from_str(&text).unwrap_or_default(),
            text,
            status: received.status,
        }
    }

    /// Whether it asks GHL to change something.
    pub fn is_write(&self) -> bool {
        !self.line.starts_with("GET ") && !self.line.ends_with("/search")
    }
}

/// The mock's ids have 20 characters, and no word of a path is that long.
fn without_ids(path: &str) -> String {
    let words = path.split('/').map(|word| if word.len() >= 20 { "{id}" } else { word });
    words.collect::<Vec<_>>().join("/")
}

/// Method and path of each.
pub fn lines(sent: &[Sent]) -> Vec<&str> {
    sent.iter().map(|sent| sent.line.as_str()).collect()
}

impl Shop {
    /// The end of the server's log.
    pub fn mark(&self) -> Mark {
        Mark(self.ghl.with(|ghl| ghl.received().count()))
    }

    /// What the server received since the mark, oldest first.
    pub fn sent(&self, since: Mark) -> Vec<Sent> {
        self.ghl.with(|ghl| ghl.received().skip(since.0).map(Sent::new).collect())
    }

    /// What the server received since the mark that asks for a change.
    pub fn writes(&self, since: Mark) -> Vec<Sent> {
        self.sent(since).into_iter().filter(Sent::is_write).collect()
    }
}
