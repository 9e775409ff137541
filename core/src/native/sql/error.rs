use crate::error::{Code, Error};

impl From<sqlx::Error> for Error {
    /// A `store` error. The databases' messages name tables, columns and constraints; what they say of values
    /// is in their details, which are left out.
    fn from(error: sqlx::Error) -> Self {
        let message = match &error {
            sqlx::Error::Database(database) => match database.code().as_deref() {
                Some(code) if is_sqlite_busy(code) => {
                    format!(
                        "the database is busy: {}; raise busy_timeout if this goes on",
                        database.message()
                    )
                }
                Some(POSTGRES_TIMEOUT) => {
                    format!("the database took too long: {}; see statement_timeout", database.message())
                }
                _ => format!("the database refused: {}", database.message()),
            },
            sqlx::Error::PoolTimedOut => "no database connection became free in time".to_owned(),
            other => format!("the database failed: {other}"),
        };
        Error::new(Code::Store, message).with_source(error)
    }
}

/// SQLite's codes are numbers of up to four digits, the last byte of which is the kind; PostgreSQL's have five.
fn is_sqlite_busy(code: &str) -> bool {
    code.len() < 5 && code.parse().is_ok_and(|code: i32| code & 0xff == 5)
}

/// `query_canceled`.
const POSTGRES_TIMEOUT: &str = "57014";
