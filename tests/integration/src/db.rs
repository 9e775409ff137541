use std::collections::BTreeMap;

use sqlx::{
    AssertSqlSafe, Column as _, PgPool, Row, SqlitePool, TypeInfo as _,
    postgres::PgPoolOptions,
    sqlite::{SqliteConnectOptions, SqlitePoolOptions},
};

/// A database, read past the store.
#[derive(Clone)]
pub enum Db {
    /// A SQLite file.
    Sqlite(SqlitePool),
    /// A PostgreSQL database.
    Postgres(PgPool),
}

impl Db {
    /// Opens what a URL names, making a file if it is not there.
    pub fn open(url: &str) -> Self {
        match url.strip_prefix("sqlite:") {
            Some(file) => {
                let options = SqliteConnectOptions::new().filename(file).create_if_missing(true);
                Self::Sqlite(SqlitePoolOptions::new().max_connections(1).connect_lazy_with(options))
            }
            None => Self::Postgres(PgPoolOptions::new().max_connections(1).connect_lazy(url).unwrap()),
        }
    }

    /// SQLite, to compute with.
    pub fn calculator() -> Self {
        Self::open("sqlite::memory:")
    }

    /// Makes tables, whose numbered keys are called `SERIAL PRIMARY KEY`.
    pub async fn create(&self, tables: &str) {
        match self {
            Self::Sqlite(_) => {
                self.execute(&tables.replace("SERIAL PRIMARY KEY", "INTEGER PRIMARY KEY AUTOINCREMENT"))
                    .await;
            }
            Self::Postgres(_) => self.execute(tables).await,
        }
    }

    /// What the database says its tables are.
    pub async fn schema(&self) -> Vec<Vec<String>> {
        self.rows(match self {
            Self::Sqlite(_) => "SELECT sql FROM sqlite_schema ORDER BY name",
            Self::Postgres(_) => {
                "SELECT * FROM information_schema.columns WHERE table_schema = 'public' \
                 ORDER BY table_name, ordinal_position"
            }
        })
        .await
    }

    /// Runs statements.
    pub async fn execute(&self, sql: &str) {
        match self {
            Self::Sqlite(pool) => drop(sqlx::raw_sql(AssertSqlSafe(sql)).execute(pool).await.expect(sql)),
            Self::Postgres(pool) => drop(sqlx::raw_sql(AssertSqlSafe(sql)).execute(pool).await.expect(sql)),
        }
    }

    /// The rows of a query, each value as the database writes it as text, truths as 0 and 1,
    /// `NULL` as such.
    pub async fn rows(&self, sql: &str) -> Vec<Vec<String>> {
        self.try_rows(sql).await.expect(sql)
    }

    /// The same, where the database may be away.
    ///
    /// # Errors
    /// Of the database.
    pub async fn try_rows(&self, sql: &str) -> sqlx::Result<Vec<Vec<String>>> {
        Ok(match self {
            Self::Sqlite(pool) => {
                let rows = sqlx::query(AssertSqlSafe(sql)).fetch_all(pool).await?;
                let text = |row: &sqlx::sqlite::SqliteRow, column| {
                    let value: Option<Vec<u8>> = row.try_get_unchecked(column).unwrap();
                    value.map_or("NULL".to_owned(), |bytes| String::from_utf8_lossy(&bytes).into_owned())
                };
                rows.iter().map(|row| (0..row.len()).map(|column| text(row, column)).collect()).collect()
            }
            Self::Postgres(pool) => {
                // Only simple queries are answered in text.
                let rows = sqlx::raw_sql(AssertSqlSafe(sql)).fetch_all(pool).await?;
                let text = |row: &sqlx::postgres::PgRow, column| {
                    let value: Option<String> = row.try_get_unchecked(column).unwrap();
                    match (row.column(column).type_info().name(), value.as_deref()) {
                        (_, None) => "NULL".to_owned(),
                        ("BOOL", Some(truth)) => i32::from(truth == "t").to_string(),
                        (_, Some(text)) => text.to_owned(),
                    }
                };
                rows.iter().map(|row| (0..row.len()).map(|column| text(row, column)).collect()).collect()
            }
        })
    }

    /// The first column of a query's rows.
    pub async fn column(&self, sql: &str) -> Vec<String> {
        self.rows(sql).await.into_iter().map(|row| row[0].clone()).collect()
    }

    /// The same, where the database may be away.
    ///
    /// # Errors
    /// Of the database.
    pub async fn try_column(&self, sql: &str) -> sqlx::Result<Vec<String>> {
        Ok(self.try_rows(sql).await?.into_iter().map(|row| row[0].clone()).collect())
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
        let tables = match self {
            Self::Sqlite(_) => "SELECT name FROM sqlite_schema WHERE type = 'table'",
            Self::Postgres(_) => "SELECT tablename FROM pg_tables WHERE schemaname = 'public'",
        };
        // What processes agree on changes by itself.
        for table in self.column(tables).await.into_iter().filter(|table| table != "ghlkit_limits") {
            let rows = self.rows(&format!("SELECT * FROM \"{table}\" ORDER BY 1, 2")).await;
            dump.insert(table, rows);
        }
        dump
    }
}
