use std::{collections::BTreeMap, path::Path};

use sqlx::{
    AssertSqlSafe, Row, SqlitePool,
    sqlite::{SqliteConnectOptions, SqlitePoolOptions},
};

/// The SQLite file, read past the store.
#[derive(Clone)]
pub struct Db(SqlitePool);

impl Db {
    /// Opens the file, making it if it is not there.
    pub fn open(file: &Path) -> Self {
        let options = SqliteConnectOptions::new().filename(file).create_if_missing(true);
        Self(SqlitePoolOptions::new().max_connections(1).connect_lazy_with(options))
    }

    /// Runs statements.
    pub async fn execute(&self, sql: &str) {
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&self.0).await.expect(sql);
    }

    /// The rows of a query, each value as SQLite writes it as text, `NULL` as such.
    pub async fn rows(&self, sql: &str) -> Vec<Vec<String>> {
        let rows = sqlx::query(AssertSqlSafe(sql)).fetch_all(&self.0).await.expect(sql);
        let text = |row: &sqlx::sqlite::SqliteRow, column| {
            let value: Option<Vec<u8>> = row.try_get_unchecked(column).unwrap();
            value.map_or("NULL".to_owned(), |bytes| String::from_utf8_lossy(&bytes).into_owned())
        };
        rows.iter().map(|row| (0..row.len()).map(|column| text(row, column)).collect()).collect()
    }

    /// The first column of a query's rows.
    pub async fn column(&self, sql: &str) -> Vec<String> {
        self.rows(sql).await.into_iter().map(|row| row[0].clone()).collect()
    }

    /// The only value of a query with one row.
    pub async fn value(&self, sql: &str) -> String {
        let rows = self.rows(sql).await;
        assert_eq!((rows.len(), rows.first().map(Vec::len)), (1, Some(1)), "{sql}: {rows:?}");
        rows[0][0].clone()
    }

    /// Every row of every table: what a refused call must leave as it was.
    pub async fn dump(&self) -> BTreeMap<String, Vec<Vec<String>>> {
        let mut dump = BTreeMap::new();
        for table in self.column("SELECT name FROM sqlite_schema WHERE type = 'table'").await {
            let rows = self.rows(&format!("SELECT * FROM \"{table}\" ORDER BY 1, 2")).await;
            dump.insert(table, rows);
        }
        dump
    }
}
