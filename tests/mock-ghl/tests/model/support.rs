//! A caller of the model that keeps the time.

use mock_ghl::{Ghl, LOCATION_ID, Reply, Request, Settings, TOKEN};
use serde_json::{Value, json};

/// 2026-03-02T00:00:00Z, a Monday.
pub(crate) const MONDAY: i64 = 1_772_409_600_000;

pub(crate) struct Api {
    pub(crate) ghl: Ghl,
    pub(crate) now: i64,
    pub(crate) token: String,
    pub(crate) version: String,
}

impl Api {
    pub(crate) fn new(settings: Settings) -> Self {
        Self {
            ghl: Ghl::new(settings),
            now: MONDAY,
            token: TOKEN.to_owned(),
            version: "2021-07-28".to_owned(),
        }
    }

    pub(crate) fn unlimited() -> Self {
        Self::new(Settings::unlimited())
    }

    /// Settings changed by `change`, without rate limits.
    pub(crate) fn with(change: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = Settings::unlimited();
        change(&mut settings);
        Self::new(settings)
    }

    pub(crate) fn request(&self, method: &str, path: &str) -> Request {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let request = Request::new(method, path)
            .header("Authorization", &format!("Bearer {}", self.token))
            .header("Version", &self.version);
        let query = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        Request { query, ..request }
    }

    pub(crate) fn send(&mut self, request: &Request) -> Reply {
        self.ghl.handle(self.now, request)
    }

    pub(crate) fn get(&mut self, path: &str) -> (u16, Value) {
        let reply = self.send(&self.request("GET", path));
        (reply.status, reply.json())
    }

    pub(crate) fn call(&mut self, method: &str, path: &str, body: Value) -> (u16, Value) {
        let reply = self.send(&self.request(method, path).json(&body));
        (reply.status, reply.json())
    }

    pub(crate) fn post(&mut self, path: &str, body: Value) -> (u16, Value) {
        self.call("POST", path, body)
    }

    pub(crate) fn put(&mut self, path: &str, body: Value) -> (u16, Value) {
        self.call("PUT", path, body)
    }

    pub(crate) fn delete(&mut self, path: &str, body: Value) -> (u16, Value) {
        self.call("DELETE", path, body)
    }

    /// Creates a contact and gives its id.
    pub(crate) fn contact(&mut self, mut body: Value) -> String {
        body["locationId"] = json!(LOCATION_ID);
        let (status, reply) = self.post("/contacts/", body);
        assert_eq!(status, 201, "{reply}");
        text(&reply["contact"]["id"])
    }

    /// Creates an opportunity in the first stage and gives its id.
    pub(crate) fn opportunity(&mut self, contact_id: &str, name: &str) -> String {
        let body = json!({
            "locationId": LOCATION_ID,
            "pipelineId": self.pipeline_id(),
            "contactId": contact_id,
            "name": name,
            "status": "open",
        });
        let (status, reply) = self.post("/opportunities/", body);
        assert_eq!(status, 201, "{reply}");
        text(&reply["opportunity"]["id"])
    }

    pub(crate) fn pipeline_id(&self) -> String {
        self.ghl.order_pipeline(LOCATION_ID).unwrap().id.clone()
    }

    /// The id of a stage, by name or key.
    pub(crate) fn stage_id(&self, name: &str) -> String {
        self.ghl.order_pipeline(LOCATION_ID).unwrap().stage(name).unwrap().id.clone()
    }

    pub(crate) fn field_id(&self, model: mock_ghl::Model, key: &str) -> String {
        self.ghl.field_id(LOCATION_ID, model, key).unwrap().to_owned()
    }

    /// Names of the events emitted since the last call.
    pub(crate) fn events(&mut self) -> Vec<String> {
        self.ghl.take_webhooks().into_iter().map(|webhook| webhook.event).collect()
    }
}

pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("expected text, not {value}")).to_owned()
}

/// The values of one property in a list of objects.
pub(crate) fn column(rows: &Value, name: &str) -> Vec<String> {
    rows.as_array().unwrap().iter().map(|row| text(&row[name])).collect()
}
