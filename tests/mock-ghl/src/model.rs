//! The stand-in itself: one value that takes a request and the time and gives a reply.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use crate::auth::{Access, Session};
use crate::calendars::{Appointment, BlockedSlot};
use crate::contacts::Contact;
use crate::conversations::Message;
use crate::events::Outbox;
use crate::faults::Fault;
use crate::history::History;
use crate::http::{Answer, Handled, Reply, Request};
use crate::ids::Rng;
use crate::limits::{Allowance, Limiter, too_many};
use crate::locations::Location;
use crate::log::{Log, Received};
use crate::oauth::Tokens;
use crate::opportunities::Opportunity;
use crate::routes::{Call, find};
use crate::settings::Settings;
use crate::table::Table;
use crate::time::http_date;
use crate::webhooks::{Keys, Webhook};

/// A stateful stand-in for the GoHighLevel API, without sockets, clock or randomness of its own.
///
/// ```
/// use mock_ghl::{Ghl, LOCATION_ID, Request, Settings, TOKEN};
///
/// let mut ghl = Ghl::new(Settings::default());
/// let body = serde_json::json!({ "locationId": LOCATION_ID, "email": "aino@example.com" });
/// let reply = ghl.handle(0, &Request::new("POST", "/contacts/").bearer(TOKEN).json(&body));
/// assert_eq!(reply.status, 201);
/// assert_eq!(ghl.take_webhooks().len(), 1);
/// ```
pub struct Ghl {
    pub(crate) settings: Settings,
    pub(crate) rng: Rng,
    pub(crate) locations: BTreeMap<String, Location>,
    pub(crate) contacts: Table<Contact>,
    pub(crate) opportunities: Table<Opportunity>,
    pub(crate) appointments: BTreeMap<String, Appointment>,
    pub(crate) blocked: BTreeMap<String, BlockedSlot>,
    pub(crate) messages: Vec<Message>,
    pub(crate) tokens: Tokens,
    pub(crate) limiter: Limiter,
    pub(crate) history: History,
    pub(crate) outbox: Outbox,
    pub(crate) log: Log,
    pub(crate) keys: Arc<Keys>,
}

impl Ghl {
    /// A fresh account. Equal settings give equal ids.
    pub fn new(settings: Settings) -> Self {
        let mut rng = Rng::new(settings.seed);
        let locations = settings
            .locations
            .iter()
            .map(|location| (location.id.clone(), Location::new(location.clone(), &mut rng)));
        Self {
            locations: locations.collect(),
            contacts: Table::new(settings.search_lag_ms),
            opportunities: Table::new(settings.search_lag_ms),
            appointments: BTreeMap::new(),
            blocked: BTreeMap::new(),
            messages: Vec::new(),
            tokens: Tokens::default(),
            limiter: Limiter::new(settings.limits),
            history: History::default(),
            outbox: Outbox::default(),
            log: Log::new(settings.log_capacity),
            keys: Arc::new(Keys::new(settings.seed, &settings.webhooks.workflow_secret)),
            rng,
            settings,
        }
    }

    /// Answers a request. `now` is HighLevel's clock in epoch milliseconds and must not go back.
    pub fn handle(&mut self, now: i64, request: &Request) -> Reply {
        self.exchange(now, request, None)
    }

    /// Answers a request with a fault in the way; `None`: the connection is reset and the caller sees no
    /// reply. See [`crate::Faults`] for how a fault is decided.
    pub fn serve(&mut self, now: i64, request: &Request, fault: Option<Fault>) -> Option<Reply> {
        if fault.is_some_and(Fault::comes_before) {
            self.log.note(Received::new(now, request, 0, None, fault));
            return None;
        }
        let reply = self.exchange(now, request, fault);
        (!fault.is_some_and(Fault::is_silent)).then_some(reply)
    }

    /// What state changes have emitted since the last call, oldest first. Nothing is delivered by the
    /// model: the caller posts each [`Webhook`], or loses, doubles and delays it on purpose.
    pub fn take_webhooks(&mut self) -> Vec<Webhook> {
        self.outbox.take()
    }

    /// Whether there are webhooks to take.
    pub fn has_webhooks(&self) -> bool {
        !self.outbox.is_empty()
    }

    fn exchange(&mut self, now: i64, request: &Request, fault: Option<Fault>) -> Reply {
        let session = self.session(now, request);
        let mut allowance = None;
        let answer = match fault {
            Some(Fault::TooMany) => Err(too_many(1_000, &self.settings.assumptions)),
            Some(Fault::Status(status)) => Err(Answer::server_error(status)),
            _ => self.answer(now, request, &session, &mut allowance),
        };
        if let (Ok(session), None) = (&session, allowance) {
            self.limiter.note_arrival(now, &session.limit_key());
        }
        let mut answer = answer.unwrap_or_else(|refusal| refusal);
        if answer.is_success() && fault == Some(Fault::RefusedButDone) {
            answer = Answer::unprocessable_one("Unprocessable Entity");
        }
        let kind = session.as_ref().ok().map(|session| session.kind);
        self.log.note(Received::new(now, request, answer.status, kind, fault));
        self.reply(now, answer, allowance)
    }

    /// The gateway's order: route, version, token, allowance, class and scope, then the resource.
    fn answer(
        &mut self,
        now: i64,
        request: &Request,
        session: &Result<Session, Answer>,
        allowance: &mut Option<Allowance>,
    ) -> Handled {
        let Some((route, captured)) = find(&request.method, &request.path) else {
            return Err(Answer::no_route(&request.method, &request.path));
        };
        if route.access == Access::Open {
            return (route.handler)(self, &Call { now, request, session: None, captured });
        }
        self.check_version(request)?;
        let session = session.as_ref().map_err(Clone::clone)?;
        let granted = *allowance.insert(self.limiter.admit(now, &session.limit_key()));
        if !granted.accepted {
            return Err(granted.refusal(&self.settings.assumptions));
        }
        session.require(route.access, route.scope)?;
        let answer = (route.handler)(self, &Call { now, request, session: Some(session), captured })?;
        self.log.count_success(route.scope);
        Ok(answer)
    }

    fn reply(&mut self, now: i64, answer: Answer, allowance: Option<Allowance>) -> Reply {
        let Answer { status, mut body, traced, mut headers } = answer;
        if let (true, Value::Object(fields)) = (traced, &mut body) {
            fields.insert("traceId".to_owned(), json!(self.rng.uuid()));
        }
        let (content_type, body) = match body {
            Value::String(text) => ("text/plain", text.into_bytes()),
            body => ("application/json; charset=utf-8", body.to_string().into_bytes()),
        };
        headers.push(("Content-Type".to_owned(), content_type.to_owned()));
        headers.push(("Date".to_owned(), http_date(now)));
        if let Some(allowance) = allowance {
            headers.extend(self.limiter.headers(&allowance, self.settings.assumptions.daily_reset_unit));
        }
        Reply { status, headers, body }
    }

    /// The 404 (or 400, by switch) for a record that does not exist.
    pub(crate) fn missing(&self, what: &str, id: &str) -> Answer {
        let status = self.settings.assumptions.missing_status;
        let error = if status == 404 { "Not Found" } else { "Bad Request" };
        let message = format!("{what} with id {id} not found");
        Answer::new(status, json!({ "statusCode": status, "message": message, "error": error }))
    }

    pub(crate) fn location(&self, id: &str) -> Result<&Location, Answer> {
        self.locations.get(id).ok_or_else(|| self.missing("Location", id))
    }

    pub(crate) fn location_mut(&mut self, id: &str) -> Result<&mut Location, Answer> {
        let missing = self.missing("Location", id);
        self.locations.get_mut(id).ok_or(missing)
    }
}
