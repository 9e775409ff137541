use serde_json::{Value, json};

use crate::{
    order::{Status, StatusModel, overall_progress},
    ports::{
        iso,
        store::{BookingRow, EventRow, OrderRow},
    },
    sync::events,
};

use super::hub::Item;

/// What customers are told of the log.
pub(super) struct Told<'a> {
    pub(super) model: &'a StatusModel,
}

impl Told<'_> {
    pub(super) fn item(&self, mut row: EventRow) -> Item {
        let data = events::is_for_customers(&row.kind).then(|| {
            events::told(self.model, &mut row);
            // Compact JSON, which has no line breaks.
            events::for_customers(&row.payload).map(|told| Value::Object(told).to_string().into())
        });
        Item { position: row.position, location: row.location, order: row.order, data: data.flatten() }
    }

    /// The order as it is, in the words of a change of its status.
    pub(super) fn now(&self, order: &OrderRow, booking: Option<&BookingRow>, now: i64) -> String {
        let status =
            self.model.status(&order.status).ok().filter(|status: &Status| self.model.is_open(status));
        let making = order.manufacturing_progress.and_then(|percent| u8::try_from(percent).ok());
        let told = json!({
            "type": "STATUS_UPDATE",
            "orderId": order.id,
            "status": order.status,
            "progress": status.map(|status| overall_progress(self.model, &status, making, None)),
            "manufacturingProgress": making,
            "timestamp": iso(now),
            "current": true,
            // One that is only claimed is no installation yet.
            "installation": booking.filter(|row| row.appointment.is_some()).map(events::installation_times),
        });
        told.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ids::{LocationId, OrderId},
        sync::event_kind as kind,
    };

    fn told(kind: &str, payload: &Value) -> Option<Value> {
        let model = StatusModel::default();
        let row = EventRow {
            position: 7,
            location: LocationId::new("loc"),
            order: OrderId::new("o"),
            kind: kind.to_owned(),
            key: "k".to_owned(),
            payload: payload.to_string(),
            at: 0,
            told: false,
        };
        let item = Told { model: &model }.item(row);
        item.data.map(|data| {
            assert!(!data.contains(['\n', '\r']));
            serde_json::from_str(&data).unwrap()
        })
    }

    #[test]
    fn a_customer_is_told_what_concerns_the_order_alone() {
        let changed =
            json!({"type": "STATUS_UPDATE", "orderId": "o", "status": "shipped", "by": "shop", "x": "a\nb"});
        let expected = json!({"type": "STATUS_UPDATE", "orderId": "o", "status": "shipped", "progress": 75, "x": "a\nb"});
        assert_eq!(told(kind::STATUS_CHANGED, &changed), Some(expected));
        let booked = json!({"type": "INSTALLATION", "orderId": "o", "installation":
            {"state": "scheduled", "startsAt": "2027-03-12T08:00:00Z", "installerId": "u1", "appointmentId": "a1"}});
        let expected = json!({"type": "INSTALLATION", "orderId": "o", "installation":
            {"state": "scheduled", "startsAt": "2027-03-12T08:00:00Z"}});
        assert_eq!(told(kind::INSTALLATION_SCHEDULED, &booked), Some(expected));
        for kind in [kind::SYNC_FAILED, kind::EDIT_LOST, kind::INSTALLATION_FAILED, kind::TWO_CONTACTS, "new"]
        {
            assert_eq!(told(kind, &json!({"orderId": "o"})), None, "{kind}");
        }
    }
}
