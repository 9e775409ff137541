use std::time::Duration;

use serde::Deserialize;

use crate::{
    client::{self, Headers, Priority},
    config::{MAX_RETRIES, MAX_TIMEOUT_MS},
    error::{Error, Result},
    ids::LocationId,
    json,
};

const MAX_OPTIONS_BYTES: usize = 4 * 1024;
const MAX_WAIT_MS: u64 = 3_600_000;
/// How long somebody waits for a reply.
const INTERACTIVE_DEADLINE: Duration = Duration::from_secs(30);

/// What one call does differently from the client's settings.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(in crate::ops) struct CallOptions {
    /// The location the call is about. Default: the client's.
    location_id: Option<LocationId>,
    /// The limit of one try in milliseconds, connecting included, 1 to 600,000. Default: the client's.
    timeout_ms: Option<u64>,
    /// How often it is tried again after its first try, 0 to 9. Default: the client's.
    max_retries: Option<u32>,
    /// The longest the call may wait in all, in milliseconds, 0 to 3,600,000: for a slot within the location's
    /// limit and between tries; time on the wire does not count. Default: as long as it takes, but never for
    /// the daily limit.
    max_wait_ms: Option<u64>,
    /// The longest the call may take in all, in milliseconds, 1 to 3,600,000: waiting, tries and replies. Default:
    /// 30,000, or `timeoutMs` where that is longer; none where the priority is `bulk`.
    deadline_ms: Option<u64>,
    /// `interactive`, the default, goes before `bulk` where calls wait for a slot within the location's limit.
    priority: Option<Priority>,
    /// Headers that go along, by name. Those that the client sets itself are refused.
    #[cfg_attr(feature = "ts", ts(as = "Option<std::collections::BTreeMap<String, String>>"))]
    headers: Option<Headers>,
}

impl CallOptions {
    /// Reads and checks the options.
    pub(super) fn from_json(text: &str) -> Result<Self> {
        let options: Self = json::read(text.as_bytes(), "options", MAX_OPTIONS_BYTES)?;
        within("timeoutMs", options.timeout_ms, 1, MAX_TIMEOUT_MS)?;
        within("maxRetries", options.max_retries.map(u64::from), 0, MAX_RETRIES.into())?;
        within("maxWaitMs", options.max_wait_ms, 0, MAX_WAIT_MS)?;
        within("deadlineMs", options.deadline_ms, 1, MAX_WAIT_MS)?;
        Ok(options)
    }

    /// What these leave out is as the others say.
    pub(super) fn or(self, others: &Self) -> Self {
        Self {
            location_id: self.location_id.or_else(|| others.location_id.clone()),
            timeout_ms: self.timeout_ms.or(others.timeout_ms),
            max_retries: self.max_retries.or(others.max_retries),
            max_wait_ms: self.max_wait_ms.or(others.max_wait_ms),
            deadline_ms: self.deadline_ms.or(others.deadline_ms),
            priority: self.priority.or(others.priority),
            headers: self.headers.or_else(|| others.headers.clone()),
        }
    }

    /// The location of the call, given the client's own.
    pub(super) fn location<'a>(&'a self, own: Option<&'a LocationId>) -> Result<&'a LocationId> {
        self.location_id.as_ref().or(own).ok_or_else(|| {
            let expected = "expected the id of a location, as the client has none; give one to the client or in the call's options";
            Error::invalid("locationId", expected)
        })
    }

    /// The options in the client's terms.
    pub(super) fn of_call(&self) -> client::CallOptions<'_> {
        let timeout = self.timeout_ms.map(Duration::from_millis);
        let patience = timeout.unwrap_or_default().max(INTERACTIVE_DEADLINE);
        let priority = self.priority.unwrap_or_default();
        let default = (priority == Priority::Interactive).then_some(patience);
        client::CallOptions {
            gate: None,
            timeout,
            tries: self.max_retries.map(|retries| retries.saturating_add(1)),
            max_wait: self.max_wait_ms.map(Duration::from_millis),
            deadline: self.deadline_ms.map(Duration::from_millis).or(default),
            priority,
            headers: self.headers.as_ref(),
            leave_unknown: false,
        }
    }
}

fn within(field: &str, value: Option<u64>, least: u64, most: u64) -> Result<()> {
    match value {
        Some(value) if !(least..=most).contains(&value) => {
            Err(Error::invalid(field, format_args!("expected {least} to {most}, got {value}")))
        }
        _ => Ok(()),
    }
}
