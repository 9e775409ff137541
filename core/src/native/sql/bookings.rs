use crate::{
    error::Result,
    ids::{EventId, LocationId, OrderId},
    ports::{
        BoxFuture,
        store::{BookingRow, BookingState, BookingStore, KeepBooking, Kept, NewEvent},
    },
    store::LONGEST_WAY_MS,
};

use super::{Connection, Store, dialect, events, limit, writes::Writes};

/// `$1` location, `$2` from, `$3` until.
const TOUCHING: &str = "SELECT * FROM ghlkit_bookings WHERE location_id = $1 AND state <> 'cancelled' \
     AND ((starts_at < $3 AND ends_at > $2) OR (to_starts_at < $3 AND to_ends_at > $2)) ORDER BY order_id";

impl BookingStore for Store {
    fn booking<'a>(
        &'a self,
        location: &'a LocationId,
        order: &'a OrderId,
    ) -> BoxFuture<'a, Result<Option<BookingRow>>> {
        Box::pin(async move {
            let sql = "SELECT * FROM ghlkit_bookings WHERE location_id = $1 AND order_id = $2";
            let query = sqlx::query_as(sql).bind(location.as_str()).bind(order.as_str());
            Ok(query.fetch_optional(&mut *self.read().await?).await?)
        })
    }

    fn booking_of<'a>(
        &'a self,
        location: &'a LocationId,
        appointment: &'a EventId,
    ) -> BoxFuture<'a, Result<Option<BookingRow>>> {
        Box::pin(async move {
            let sql = "SELECT * FROM ghlkit_bookings WHERE location_id = $1 AND appointment_id = $2 LIMIT 1";
            let query = sqlx::query_as(sql).bind(location.as_str()).bind(appointment.as_str());
            Ok(query.fetch_optional(&mut *self.read().await?).await?)
        })
    }

    fn bookings<'a>(
        &'a self,
        location: &'a LocationId,
        from: i64,
        until: i64,
    ) -> BoxFuture<'a, Result<Vec<BookingRow>>> {
        Box::pin(async move { touching(&mut *self.read().await?, location, from, until).await })
    }

    fn due_bookings(&self, now: i64, rows: usize) -> BoxFuture<'_, Result<Vec<BookingRow>>> {
        Box::pin(async move {
            let sql = "SELECT * FROM ghlkit_bookings WHERE due_at <= $1 ORDER BY due_at, order_id LIMIT $2";
            Ok(sqlx::query_as(sql).bind(now).bind(limit(rows)).fetch_all(&mut *self.read().await?).await?)
        })
    }

    fn keep_booking(&self, keep: KeepBooking) -> BoxFuture<'_, Result<Kept>> {
        Box::pin(async move {
            let KeepBooking { expected, row, exclusive, show, events, now } = keep;
            let mut transaction = self.begin().await?;
            if exclusive {
                let claimed = row.claimed();
                // Whoever claims a time of the installer has committed before the others look.
                let name = format!("{} installer {}", row.location, claimed.installer);
                dialect::hold(&mut transaction, vec![name]).await?;
                let from = claimed.starts_at.saturating_sub(LONGEST_WAY_MS);
                let until = claimed.ends_at.saturating_add(LONGEST_WAY_MS);
                let others = touching(&mut transaction, &row.location, from, until).await?;
                if others.iter().any(|other| row.is_kept_out_by(other)) {
                    return Ok(Kept::Taken);
                }
            }
            if show {
                self.show_booking(&mut transaction, &row).await?;
            }
            if !write(&mut transaction, expected, &row).await? {
                // Dropped with what was written before.
                return Ok(Kept::Moved);
            }
            let mut writes = Writes::default();
            events::append(&mut writes, &row.location, &row.order, &events, now);
            writes.run(&mut transaction).await?;
            transaction.commit().await?;
            self.wake().await;
            Ok(Kept::Kept)
        })
    }

    fn drop_booking<'a>(
        &'a self,
        location: &'a LocationId,
        order: &'a OrderId,
        expected: i64,
        events: Vec<NewEvent>,
        now: i64,
    ) -> BoxFuture<'a, Result<bool>> {
        Box::pin(async move {
            let mut transaction = self.begin().await?;
            let sql = "DELETE FROM ghlkit_bookings WHERE location_id = $1 AND order_id = $2 AND version = $3";
            let query = sqlx::query(sql).bind(location.as_str()).bind(order.as_str()).bind(expected);
            if query.execute(&mut *transaction).await?.rows_affected() == 0 {
                return Ok(false);
            }
            let mut writes = Writes::default();
            events::append(&mut writes, location, order, &events, now);
            writes.run(&mut transaction).await?;
            transaction.commit().await?;
            self.wake().await;
            Ok(true)
        })
    }
}

impl Store {
    /// Shows a booking in the users' row; nothing is there to show it in if that is gone.
    async fn show_booking(&self, connection: &mut Connection, row: &BookingRow) -> Result<()> {
        let status = match row.state {
            BookingState::Cancelled => "cancelled",
            _ => "scheduled",
        };
        sqlx::query(self.sql.set_installation.clone())
            .bind(row.order.as_str())
            .bind(row.appointment.as_ref().map(AsRef::as_ref))
            .bind(row.time.starts_at)
            .bind(status)
            .execute(connection)
            .await?;
        Ok(())
    }
}

async fn touching(
    connection: &mut Connection,
    location: &LocationId,
    from: i64,
    until: i64,
) -> Result<Vec<BookingRow>> {
    let query = sqlx::query_as(TOUCHING).bind(location.as_str()).bind(from).bind(until);
    Ok(query.fetch_all(connection).await?)
}

/// Writes a row in place of the one with the expected version; `false` where there is another.
async fn write(connection: &mut Connection, expected: Option<i64>, row: &BookingRow) -> Result<bool> {
    let sql = match expected {
        None => {
            "INSERT INTO ghlkit_bookings (location_id, order_id, version, state, appointment_id, calendar_id, \
             installer_id, starts_at, ends_at, to_installer_id, to_starts_at, to_ends_at, buffer_ms, time_zone, \
             title, product, instructions, creating_since, due_at, failures) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20) \
             ON CONFLICT DO NOTHING"
        }
        Some(_) => {
            "UPDATE ghlkit_bookings SET version = $3, state = $4, appointment_id = $5, calendar_id = $6, \
             installer_id = $7, starts_at = $8, ends_at = $9, to_installer_id = $10, to_starts_at = $11, \
             to_ends_at = $12, buffer_ms = $13, time_zone = $14, title = $15, product = $16, instructions = $17, \
             creating_since = $18, due_at = $19, failures = $20 \
             WHERE location_id = $1 AND order_id = $2 AND version = $21"
        }
    };
    let query = sqlx::query(sql)
        .bind(row.location.as_str())
        .bind(row.order.as_str())
        .bind(row.version)
        .bind(row.state.as_str())
        .bind(row.appointment.as_ref().map(AsRef::as_ref))
        .bind(row.calendar.as_str())
        .bind(row.time.installer.as_str())
        .bind(row.time.starts_at)
        .bind(row.time.ends_at)
        .bind(row.to.as_ref().map(|to| to.installer.as_str()))
        .bind(row.to.as_ref().map(|to| to.starts_at))
        .bind(row.to.as_ref().map(|to| to.ends_at))
        .bind(row.buffer_ms)
        .bind(&row.time_zone)
        .bind(&row.title)
        .bind(&row.product)
        .bind(&row.instructions)
        .bind(row.creating_since)
        .bind(row.due_at)
        .bind(row.failures);
    let query = match expected {
        Some(expected) => query.bind(expected),
        None => query,
    };
    Ok(query.execute(connection).await?.rows_affected() > 0)
}
