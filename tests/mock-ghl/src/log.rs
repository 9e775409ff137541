//! What was received, and how often.

use std::collections::VecDeque;

use crate::auth::TokenKind;
use crate::faults::Fault;
use crate::http::Request;

/// Longest body the log keeps, in bytes; the rest is cut off.
const BODY_KEPT: usize = 16 * 1024;

/// One request as it was received.
#[derive(Clone, Debug)]
pub struct Received {
    /// When, in HighLevel's clock.
    pub at: i64,
    /// Its method.
    pub method: String,
    /// Its path.
    pub path: String,
    /// Its query.
    pub query: Vec<(String, String)>,
    /// Its `Version`.
    pub version: Option<String>,
    /// Its body, cut after 16 KiB.
    pub body: Vec<u8>,
    /// The status answered, whether or not the answer arrived; 0 when nothing was done.
    pub status: u16,
    /// The kind of its token, when it was a good one.
    pub token: Option<TokenKind>,
    /// The fault injected.
    pub fault: Option<Fault>,
}

impl Received {
    pub(crate) fn new(
        at: i64,
        request: &Request,
        status: u16,
        token: Option<TokenKind>,
        fault: Option<Fault>,
    ) -> Self {
        Self {
            at,
            method: request.method.clone(),
            path: request.path.clone(),
            query: request.query.clone(),
            version: request.header_value("Version").map(str::to_owned),
            body: request.body.iter().take(BODY_KEPT).copied().collect(),
            status,
            token,
            fault,
        }
    }
}

/// Totals since the start; unlike the log they forget nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Requests that arrived, faults included.
    pub requests: u64,
    /// Requests under a `.write` scope that took effect.
    pub writes: u64,
    /// Requests under a `.readonly` scope that were answered, searches by POST included.
    pub reads: u64,
    /// Requests answered 429.
    pub too_many: u64,
}

pub(crate) struct Log {
    capacity: usize,
    pub(crate) entries: VecDeque<Received>,
    pub(crate) counters: Counters,
}

impl Log {
    pub(crate) fn new(capacity: usize) -> Self {
        Self { capacity, entries: VecDeque::new(), counters: Counters::default() }
    }

    pub(crate) fn count_success(&mut self, scope: &str) {
        match scope.ends_with(".readonly") {
            true => self.counters.reads += 1,
            false => self.counters.writes += 1,
        }
    }

    pub(crate) fn note(&mut self, received: Received) {
        self.counters.requests += 1;
        self.counters.too_many += u64::from(received.status == 429);
        if self.entries.len() >= self.capacity {
            self.entries.pop_front();
        }
        if self.capacity > 0 {
            self.entries.push_back(received);
        }
    }
}
