use super::{Run, function};
use crate::{
    error::{Error, Result},
    ops::table::ops,
    policy::retry::{Class, Detail, Failure, RetryPolicy, classify},
    ports::{Method, TransportErrorKind},
};

ops! {
    pub(super) const OPS: Run;

    /// What to do after a try of a call to GHL.
    "retry.classify" "function" {
        /// The HTTP method.
        method: Method,
        /// Whether it may be repeated though it is a POST; default false.
        safe: Option<bool>,
        /// How it ended without a reply; this or `status`.
        transport: Option<TransportErrorKind>,
        /// The HTTP status of the reply; this or `transport`.
        status: Option<u16>,
        /// What the reply says beyond its status.
        detail: Option<Detail>,
    } -> Class = function(|args| {
        let failure = failure(args.transport, args.status, args.detail.unwrap_or_default())?;
        Ok(classify(args.method, args.safe.unwrap_or(false), failure))
    });

    /// The delay after a try, in milliseconds.
    "retry.delay" "function" {
        /// Which try it was, from 1.
        attempt: u32,
        /// What GHL asked for, in milliseconds.
        asked_ms: Option<u64>,
        /// 0 to 1: how much of the jitter is added. Default 0, the shortest delay.
        random: Option<f64>,
        /// The delay after the first try, in milliseconds. Default 1000.
        base_ms: Option<u64>,
        /// What each further delay is multiplied by. Default 2.
        factor: Option<u64>,
    } -> u64 = function(|args| {
        let default = RetryPolicy::default();
        let base_ms = args.base_ms.unwrap_or(default.base_ms);
        let policy = RetryPolicy { base_ms, factor: args.factor.unwrap_or(default.factor), ..default };
        delay(policy, args.attempt, args.asked_ms, args.random.unwrap_or(0.0))
    });
}

fn failure(transport: Option<TransportErrorKind>, status: Option<u16>, detail: Detail) -> Result<Failure> {
    match (transport, status) {
        (None, Some(status)) => Ok(Failure::Status(status, detail)),
        (Some(kind), None) => Ok(Failure::Transport(kind)),
        _ => Err(Error::invalid("status", "expected either a `status` or a `transport`")),
    }
}

fn delay(policy: RetryPolicy, attempt: u32, asked_ms: Option<u64>, random: f64) -> Result<u64> {
    if attempt == 0 {
        return Err(Error::invalid("attempt", "expected a number from 1, got 0"));
    }
    if !(0.0..=1.0).contains(&random) {
        return Err(Error::invalid("random", format_args!("expected 0 to 1, got {random}")));
    }
    Ok(policy.delay_ms(attempt, asked_ms, random))
}
