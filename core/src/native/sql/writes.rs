//! Writes of a transaction that do not depend on each other. Where the database takes several in one statement they go together, as
//! each is a round trip otherwise; so none may write a row that another writes.

use sqlx::{SqlStr, query::Query};

use crate::error::Result;

use super::{Arguments, Connection, Db, dialect};

/// A parameter.
#[derive(Debug, Clone, Copy)]
pub(super) enum Value<'a> {
    Text(Option<&'a str>),
    Number(Option<i64>),
    Truth(bool),
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(Some(text))
    }
}

impl<'a> From<&'a String> for Value<'a> {
    fn from(text: &'a String) -> Self {
        Self::Text(Some(text))
    }
}

impl<'a> From<Option<&'a str>> for Value<'a> {
    fn from(text: Option<&'a str>) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<&'a Option<String>> for Value<'a> {
    fn from(text: &'a Option<String>) -> Self {
        Self::Text(text.as_deref())
    }
}

impl From<i64> for Value<'_> {
    fn from(number: i64) -> Self {
        Self::Number(Some(number))
    }
}

impl From<Option<i64>> for Value<'_> {
    fn from(number: Option<i64>) -> Self {
        Self::Number(number)
    }
}

impl From<bool> for Value<'_> {
    fn from(truth: bool) -> Self {
        Self::Truth(truth)
    }
}

/// A statement and its parameters.
pub(super) type Write<'a> = (SqlStr, Vec<Value<'a>>);

/// See the module.
#[derive(Default)]
pub(super) struct Writes<'a>(Vec<Write<'a>>);

impl<'a> Writes<'a> {
    pub(super) fn add(&mut self, sql: SqlStr, values: impl Into<Vec<Value<'a>>>) {
        self.0.push((sql, values.into()));
    }

    /// How many rows the last one wrote.
    pub(super) async fn run(self, connection: &mut Connection) -> Result<u64> {
        let mut rows = 0;
        for write in dialect::together(self.0) {
            rows = bound(write).execute(&mut *connection).await?.rows_affected();
        }
        Ok(rows)
    }

    /// The same where the last one gives a number.
    pub(super) async fn run_for_number(self, connection: &mut Connection) -> Result<i64> {
        let mut writes = dialect::together(self.0);
        let last = writes.pop().ok_or(sqlx::Error::RowNotFound)?;
        for write in writes {
            bound(write).execute(&mut *connection).await?;
        }
        let row = bound(last).fetch_one(connection).await?;
        Ok(sqlx::Row::try_get(&row, 0)?)
    }
}

fn bound((sql, values): Write<'_>) -> Query<'_, Db, Arguments> {
    values.into_iter().fold(sqlx::query(sql), |query, value| match value {
        Value::Text(text) => query.bind(text),
        Value::Number(number) => query.bind(number),
        Value::Truth(truth) => query.bind(truth),
    })
}
