use crate::{
    error::Code,
    ports::{Method, TransportErrorKind},
};

/// How a try ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Failure {
    /// Without a reply.
    Transport(TransportErrorKind),
    /// With this status.
    Status(u16, Detail),
}

/// What a reply's body or headers say beyond its status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Detail {
    /// Nothing that matters here.
    #[default]
    None,
    /// The token is expired or invalid: with a 401, another one may do. GHL answers 401 for much else (a
    /// missing scope or `Version` header), where renewing would only waste a single-use refresh token.
    TokenInvalid,
    /// The day's requests are used up.
    DailyLimit,
}

/// What to do after a try.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// It succeeded.
    Success,
    /// Repeat it after a delay. The code is the error's when no try is left.
    Retry(Code),
    /// The location's limit is reached: nothing was done, and no request may leave for a while.
    Throttled,
    /// Renew the token, then repeat it once.
    RenewToken,
    /// Do not repeat it.
    Final(Code),
}

/// Decides what to do after a try. `safe` marks a POST that may be repeated.
///
/// Only what surely had no effect is repeated for every method: a connection that was not made, a 429. A
/// request that may have arrived is repeated where that does no harm; else the outcome is unknown.
pub fn classify(method: Method, safe: bool, failure: Failure) -> Class {
    let repeatable = safe || method.idempotent();
    let maybe_done = |class| if repeatable { class } else { Class::Final(Code::OutcomeUnknown) };
    match failure {
        Failure::Transport(TransportErrorKind::Connect) => Class::Retry(Code::Network),
        Failure::Transport(TransportErrorKind::Timeout) => maybe_done(Class::Retry(Code::Timeout)),
        Failure::Transport(TransportErrorKind::Broken) => maybe_done(Class::Retry(Code::Network)),
        Failure::Transport(TransportErrorKind::ReplyTooLarge) => {
            maybe_done(Class::Final(Code::UnexpectedReply))
        }
        Failure::Status(status, detail) => match (status, detail) {
            (200..=299, _) => Class::Success,
            (401, Detail::TokenInvalid) => Class::RenewToken,
            (401, _) => Class::Final(Code::Unauthorized),
            (429, Detail::DailyLimit) => Class::Final(Code::DailyLimit),
            (429, _) => Class::Throttled,
            (400 | 422, _) => Class::Final(Code::Validation),
            (404, _) => Class::Final(Code::NotFound),
            (408, _) => maybe_done(Class::Retry(Code::Timeout)),
            (400..=499, _) => Class::Final(Code::Refused),
            (500 | 502..=504, _) => maybe_done(Class::Retry(Code::Server)),
            (500..=599, _) => maybe_done(Class::Final(Code::Server)),
            _ => maybe_done(Class::Final(Code::UnexpectedReply)),
        },
    }
}
