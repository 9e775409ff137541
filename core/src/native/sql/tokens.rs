use sqlx::query::Query;

use crate::{
    error::Result,
    ids::AppId,
    ports::{
        BoxFuture,
        store::{TokenRow, TokenStore, TokenSubject},
    },
};

use super::{Arguments, Db, Store, limit};

impl TokenStore for Store {
    fn token_row<'a>(
        &'a self,
        app: &'a AppId,
        subject: &'a TokenSubject,
    ) -> BoxFuture<'a, Result<Option<TokenRow>>> {
        Box::pin(async move {
            let sql = "SELECT * FROM ghlkit_tokens WHERE app_id = $1 AND subject = $2 AND subject_id = $3";
            let query = sqlx::query_as(sql).bind(app.as_str()).bind(subject.kind()).bind(subject.id());
            Ok(query.fetch_optional(&mut *self.read().await?).await?)
        })
    }

    fn token_rows<'a>(
        &'a self,
        app: &'a AppId,
        after: Option<&'a TokenSubject>,
        rows: usize,
    ) -> BoxFuture<'a, Result<Vec<TokenRow>>> {
        Box::pin(async move {
            // No kind and no id is empty, so every row comes after these.
            let (kind, id) = after.map_or(("", ""), |subject| (subject.kind(), subject.id()));
            let sql = "SELECT * FROM ghlkit_tokens WHERE app_id = $1 AND (subject, subject_id) > ($2, $3) \
                       ORDER BY subject, subject_id LIMIT $4";
            let query = sqlx::query_as(sql).bind(app.as_str()).bind(kind).bind(id).bind(limit(rows));
            Ok(query.fetch_all(&mut *self.read().await?).await?)
        })
    }

    fn swap_token(&self, expected: Option<i64>, row: TokenRow) -> BoxFuture<'_, Result<bool>> {
        Box::pin(async move {
            let query = match expected {
                None => bound(
                    "INSERT INTO ghlkit_tokens (app_id, subject, subject_id, company_id, by_company, state, \
                     key_id, access, refresh, obtained_at, expires_at, installed_at, version, \
                     refresh_owner, refresh_lease_until) \
                     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) \
                     ON CONFLICT DO NOTHING",
                    row,
                ),
                Some(expected) => bound(
                    "UPDATE ghlkit_tokens SET company_id = $4, by_company = $5, state = $6, key_id = $7, \
                     access = $8, refresh = $9, obtained_at = $10, expires_at = $11, installed_at = $12, \
                     version = $13, refresh_owner = $14, refresh_lease_until = $15 \
                     WHERE app_id = $1 AND subject = $2 AND subject_id = $3 AND version = $16",
                    row,
                )
                .bind(expected),
            };
            self.write_one(query).await
        })
    }

    fn delete_token<'a>(
        &'a self,
        app: &'a AppId,
        subject: &'a TokenSubject,
        expected: i64,
    ) -> BoxFuture<'a, Result<bool>> {
        Box::pin(async move {
            let query = sqlx::query(
                "DELETE FROM ghlkit_tokens \
                 WHERE app_id = $1 AND subject = $2 AND subject_id = $3 AND version = $4",
            )
            .bind(app.as_str())
            .bind(subject.kind())
            .bind(subject.id())
            .bind(expected);
            self.write_one(query).await
        })
    }
}

impl Store {
    /// Runs a statement about one row; tells whether it found the row as expected.
    pub(super) async fn write_one(&self, query: Query<'_, Db, Arguments>) -> Result<bool> {
        self.alone(async { Ok(query.execute(&mut *self.writer().await?).await?.rows_affected() == 1) }).await
    }
}

/// A statement with a row's values as its first 15 parameters, in the order of the table's columns.
fn bound(sql: &'static str, row: TokenRow) -> Query<'static, Db, Arguments> {
    let TokenRow { app, subject, company, by_company, tokens, state, installed_at, version, lease } = row;
    let (obtained_at, expires_at) =
        tokens.as_ref().map(|tokens| (tokens.obtained_at, tokens.expires_at)).unzip();
    let (key_id, tokens) = tokens.map(|tokens| (tokens.key_id, (tokens.access, tokens.refresh))).unzip();
    let (access, refresh) = tokens.unzip();
    let (owner, until) = lease.map(|lease| (lease.owner, lease.until)).unzip();
    sqlx::query(sql)
        .bind(String::from(app))
        .bind(subject.kind())
        .bind(subject.id().to_owned())
        .bind(company.map(String::from))
        .bind(by_company)
        .bind(state.as_str())
        .bind(key_id)
        .bind(access)
        .bind(refresh.flatten())
        .bind(obtained_at)
        .bind(expires_at)
        .bind(installed_at)
        .bind(version)
        .bind(owner)
        .bind(until)
}
