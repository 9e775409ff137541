use serde::Serialize;

use super::{Run, function};
use crate::{error::Code, ops::table::ops};

ops! {
    pub(super) const OPS: Run;

    /// Every error code, in the order of the documentation.
    "errors.codes" "function" {} -> Vec<ErrorCodeInfo> = function(|Args {}| Ok(codes()));
}

/// The code of an error, as the documentation has it.
#[derive(Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
struct ErrorCodeInfo {
    /// The stable spelling.
    code: Code,
    /// Whether the same call may succeed later without a change of its input.
    retryable: bool,
    /// When it occurs and what to do.
    meaning: &'static str,
}

fn codes() -> Vec<ErrorCodeInfo> {
    let info =
        |code: &Code| ErrorCodeInfo { code: *code, retryable: code.retryable(), meaning: code.meaning() };
    Code::ALL.iter().map(info).collect()
}
