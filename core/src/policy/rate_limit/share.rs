use serde::{Deserialize, Serialize};

use super::Limits;

/// What a process tells of its share of a location's limit, and asks for. Times are spans in milliseconds: the clocks
/// of processes need not agree.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Claim {
    /// The slots of the share as it is.
    pub held: u32,
    /// The slots it has use for: those that are busy, and those that callers wait for.
    pub wanted: u32,
    /// The longest time-out of a request that it sends.
    pub timeout_ms: i64,
    /// Slots that it gives back while their last request is younger than the interval: in how long they are free, and
    /// how many.
    pub cooling: Vec<(i64, u32)>,
    /// Requests that were sent since the claim before.
    pub sent: u32,
    /// The limits, where a reply has told them since.
    pub limits: Option<Limits>,
    /// What a reply has told since of the requests used up today, and in how long the day ends.
    pub today: Option<(u32, i64)>,
    /// What the process has learned of the gate, or asks of it.
    pub gate: GateReport,
}

/// What a process says of the gate that a 429 shuts for all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum GateReport {
    /// Nothing new.
    #[default]
    Nothing,
    /// A 429: nothing may leave for so long; until the day ends, where it is `daily`.
    Refused {
        /// For how long.
        for_ms: i64,
        /// Whether the day's requests are used up.
        daily: bool,
    },
    /// Its probe was answered.
    Answered,
    /// It would send the probe.
    Probe,
}

/// The share of a process, until it is claimed anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grant {
    /// The slots that the process may have busy at once.
    pub slots: u32,
    /// Of these, what it should keep; the rest is for others, as soon as it is not busy.
    pub keep: u32,
    /// The slots that nobody holds.
    pub free: u32,
    /// For how long requests may be sent on it.
    pub for_ms: i64,
    /// The location's limits.
    pub limits: Limits,
    /// How many requests all have used today.
    pub used_today: u32,
    /// In how long the day ends.
    pub day_ends_ms: i64,
    /// The gate.
    pub gate: SharedGate,
}

/// The gate, as one process is to see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum SharedGate {
    /// Requests may leave.
    Open,
    /// None may, for so long; then one process may send the probe.
    Shut {
        /// For how long.
        for_ms: i64,
        /// Whether the day's requests are used up.
        daily: bool,
    },
    /// This process may send one: the probe.
    Probe,
    /// Another process's probe is under way, for so long at most.
    Probing {
        /// For how long.
        for_ms: i64,
    },
}
