use crate::error::Error;

/// Adds to an error at open which file it is about and what to do, where the file is to blame.
pub(super) fn at_open(database: &str, error: Error) -> Error {
    let cause = std::error::Error::source(&error).and_then(|cause| cause.downcast_ref());
    let advice = match cause.and_then(primary_code) {
        Some(CANNOT_OPEN) => "the file cannot be opened; its folder must exist and be writable",
        Some(READ_ONLY) => "the file is read-only; give this process the right to write it",
        Some(NOT_A_DATABASE | CORRUPT) => {
            "the file is damaged or no SQLite database; restore a backup or choose another file"
        }
        _ => return error,
    };
    Error::config("DATABASE_URL", format_args!("where orders and jobs are kept; {database}: {advice}"))
        .with_source(error)
}

/// Whether others held the file.
pub(super) fn is_busy(error: &sqlx::Error) -> bool {
    primary_code(error) == Some(BUSY)
}

const BUSY: i32 = 5;
const READ_ONLY: i32 = 8;
const CORRUPT: i32 = 11;
const CANNOT_OPEN: i32 = 14;
const NOT_A_DATABASE: i32 = 26;

/// SQLite's result code without its extension.
fn primary_code(error: &sqlx::Error) -> Option<i32> {
    let code: i32 = error.as_database_error()?.code()?.parse().ok()?;
    Some(code & 0xff)
}
