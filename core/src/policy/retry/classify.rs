use serde::{Deserialize, Serialize};

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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(rename = "ReplyDetail"))]
#[serde(rename_all = "snake_case")]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(rename = "RetryClass"))]
#[serde(tag = "class", content = "code", rename_all = "snake_case")]
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

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use super::*;

    const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/policy/retry/classes.txt");
    const KINDS: [(TransportErrorKind, &str); 4] = [
        (TransportErrorKind::Connect, "connect"),
        (TransportErrorKind::Timeout, "timeout"),
        (TransportErrorKind::Broken, "broken"),
        (TransportErrorKind::ReplyTooLarge, "reply_too_large"),
    ];
    /// Method and whether it is marked safe.
    const COLUMNS: [(Method, bool); 5] = [
        (Method::Get, false),
        (Method::Put, false),
        (Method::Delete, false),
        (Method::Post, true),
        (Method::Post, false),
    ];

    fn failures() -> Vec<(String, Failure)> {
        let mut all: Vec<_> =
            KINDS.iter().map(|(kind, name)| ((*name).to_owned(), Failure::Transport(*kind))).collect();
        for status in 100..=599 {
            all.push((status.to_string(), Failure::Status(status, Detail::None)));
            match status {
                401 => all.push(("401 token".to_owned(), Failure::Status(401, Detail::TokenInvalid))),
                429 => all.push(("429 daily".to_owned(), Failure::Status(429, Detail::DailyLimit))),
                _ => {}
            }
        }
        all
    }

    fn word(class: Class) -> String {
        match class {
            Class::Success => "success".to_owned(),
            Class::Retry(code) => format!("retry:{code}"),
            Class::Throttled => "throttled".to_owned(),
            Class::RenewToken => "renew_token".to_owned(),
            Class::Final(code) => format!("final:{code}"),
        }
    }

    /// `GHLKIT_BLESS=1` writes the file anew; the difference is then read like any other change.
    #[test]
    fn the_table_of_all_classes_is_as_committed() {
        let mut table = String::new();
        let columns =
            COLUMNS.map(|(method, safe)| format!("{}{}", method.as_str(), if safe { "+safe" } else { "" }));
        let mut row = |name: &str, cells: [String; 5]| {
            let line = cells.iter().fold(format!("{name:<16}"), |line, cell| format!("{line} {cell:<22}"));
            writeln!(table, "{}", line.trim_end()).unwrap();
        };
        row("failure", columns);
        for (name, failure) in failures() {
            row(&name, COLUMNS.map(|(method, safe)| word(classify(method, safe, failure))));
        }
        if std::env::var_os("GHLKIT_BLESS").is_some() {
            std::fs::write(GOLDEN, &table).unwrap();
        }
        let golden = std::fs::read_to_string(GOLDEN).unwrap();
        for (line, (now, then)) in table.lines().zip(golden.lines()).enumerate() {
            assert_eq!(now, then, "line {}", line + 1);
        }
        assert_eq!(table.lines().count(), golden.lines().count());
    }

    #[test]
    fn a_post_that_may_have_acted_is_never_repeated() {
        for (name, failure) in failures() {
            let class = classify(Method::Post, false, failure);
            let surely_not = matches!(
                failure,
                Failure::Transport(TransportErrorKind::Connect)
                    | Failure::Status(429, Detail::None)
                    | Failure::Status(401, Detail::TokenInvalid)
            );
            let repeated = matches!(class, Class::Retry(_) | Class::Throttled | Class::RenewToken);
            assert_eq!(repeated, surely_not, "{name}");
            let no_word = matches!(failure, Failure::Transport(_) | Failure::Status(408 | 500.., _));
            assert_eq!(
                class == Class::Final(Code::OutcomeUnknown),
                no_word && !surely_not || is_odd(failure),
                "{name}"
            );
        }
    }

    /// A status that no final reply of an API has.
    fn is_odd(failure: Failure) -> bool {
        matches!(failure, Failure::Status(..=199 | 300..=399, _))
    }

    #[test]
    fn idempotent_methods_and_safe_posts_are_repeated_after_exactly_these() {
        for (name, failure) in failures() {
            for (method, safe) in
                [(Method::Get, false), (Method::Put, false), (Method::Delete, false), (Method::Post, true)]
            {
                let repeated = matches!(classify(method, safe, failure), Class::Retry(_));
                let expected = match failure {
                    Failure::Transport(kind) => kind != TransportErrorKind::ReplyTooLarge,
                    Failure::Status(status, _) => [408, 500, 502, 503, 504].contains(&status),
                };
                assert_eq!(repeated, expected, "{method:?} {name}");
            }
        }
    }

    #[test]
    fn a_detail_matters_only_where_it_belongs() {
        for status in (100..=599).filter(|status| ![401, 429].contains(status)) {
            for (method, safe) in COLUMNS {
                let plain = classify(method, safe, Failure::Status(status, Detail::None));
                for detail in [Detail::TokenInvalid, Detail::DailyLimit] {
                    assert_eq!(classify(method, safe, Failure::Status(status, detail)), plain, "{status}");
                }
            }
        }
    }
}
