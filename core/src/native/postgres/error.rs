use crate::error::Error;

/// Adds to an error at open what to do, where server or URL are to blame. The URL is not shown: it may hold a
/// password.
pub(super) fn at_open(error: Error) -> Error {
    let source = std::error::Error::source(&error).and_then(|cause| cause.downcast_ref::<sqlx::Error>());
    let Some(source) = source else { return error };
    let code = source.as_database_error().and_then(|error| error.code());
    let advice = match (code.as_deref(), source) {
        (Some("28000" | "28P01"), _) => "the server refused the user or the password",
        (Some("3D000"), _) => "the server has no database of this name; create it first",
        (Some("42501"), _) => "the user may not create tables in its schema; grant it CREATE, or USAGE too",
        (Some("25006"), _) => "the database is read-only; name the primary server",
        (Some("53300"), _) => "the server has no connection left; lower the connections of its users",
        (None, sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut) => {
            "the server cannot be reached; check host and port, and that it runs"
        }
        (None, sqlx::Error::Tls(_)) => "no encrypted connection can be made; check sslmode and sslrootcert",
        _ => return error,
    };
    Error::config("DATABASE_URL", format_args!("where orders and jobs are kept; {advice}")).with_source(error)
}
