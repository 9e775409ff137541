use std::sync::Arc;

use serde::Serialize;

use crate::{
    error::{Code, Delivery, Error},
    ids::LocationId,
    ports::{Method, Shared},
};

/// Is told what happens to calls, at once and on the calls' own path: what takes long holds them up.
pub trait Observer: Shared {
    /// Something has happened.
    fn observe(&self, event: &CallEvent<'_>);
}

/// What happens to a call. It shows no token, no header, no body, no value of a query and no id in a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct CallEvent<'a> {
    /// The number of the call: that of a client's others is another.
    pub call: u64,
    /// The method.
    pub method: Method,
    /// The route, e.g. `/contacts/{contactId}`; of a request that is none of the known ones, the beginning of its path.
    pub route: &'a str,
    /// The location that the call is about.
    pub location_id: &'a LocationId,
    /// Which try it is about, from 1.
    pub attempt: u32,
    /// What has happened.
    #[serde(flatten)]
    pub what: Happening<'a>,
}

/// What has happened to a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Happening<'a> {
    /// A request is about to be sent.
    Request,
    /// A reply has come, of whatever status.
    Response {
        /// Its status.
        status: u16,
        /// How long after the request, in milliseconds.
        duration_ms: u64,
    },
    /// A try has failed, and there will be another.
    Retry {
        /// Why it failed.
        code: Code,
        /// How long the call pauses before, in milliseconds.
        delay_ms: u64,
    },
    /// The call is held back by a limit of calls.
    RateLimit {
        /// How long at least, in milliseconds.
        wait_ms: u64,
        /// Whether GHL has refused a try with 429. Otherwise the client waits so that it need not.
        refused: bool,
    },
    /// The call has failed for good. One that is cancelled tells nothing more.
    Error {
        /// Why.
        code: Code,
        /// The status of GHL's reply.
        #[serde(skip_serializing_if = "Option::is_none")]
        status: Option<u16>,
        /// GHL's trace id.
        #[serde(skip_serializing_if = "Option::is_none")]
        trace_id: Option<&'a str>,
        /// How far the request got.
        delivery: Delivery,
    },
}

/// Tells of one call, if anybody listens.
#[derive(Clone, Copy)]
pub(super) struct Teller<'a> {
    pub(super) observer: Option<&'a Arc<dyn Observer>>,
    pub(super) call: u64,
    pub(super) method: Method,
    pub(super) route: &'a str,
    pub(super) location: &'a LocationId,
}

impl Teller<'_> {
    pub(super) fn tell(&self, attempt: u32, what: Happening<'_>) {
        if let Some(observer) = self.observer {
            let &Self { call, method, route, location: location_id, .. } = self;
            observer.observe(&CallEvent { call, method, route, location_id, attempt, what });
        }
    }

    /// The call has failed after so many tries.
    pub(super) fn failed(&self, tries: u32, error: &Error) {
        let (code, status, trace_id, delivery) =
            (error.code(), error.status(), error.trace_id(), error.delivery());
        self.tell(tries.max(1), Happening::Error { code, status, trace_id, delivery });
    }
}
