//! What became of each edit: I2 and I3.

use ghlkit::ports::store::OrderRow;
use mock_ghl::Author;
use serde_json::Value;

use super::Check;
use crate::{
    finished::ShopFact,
    script::{HumanEdit, PATH, stage_name},
};

impl Check<'_> {
    /// I2: each change taken from GHL answers one edit that somebody made there.
    pub(super) fn transitions_answer_edits(&mut self, edits: &[(i64, HumanEdit)]) {
        for (number, row) in self.rows.clone() {
            let mut made: Vec<&str> = edits
                .iter()
                .filter_map(|(_, edit)| match edit {
                    HumanEdit::Stage { order, status } if *order == number => Some(*status),
                    HumanEdit::Field { status } => Some(*status),
                    _ => None,
                })
                .collect();
            for status in self.taken_over(&row) {
                match made.iter().position(|edit| *edit == status) {
                    Some(index) => drop(made.swap_remove(index)),
                    None => {
                        self.broken(format!("I2: {} took over {status}, which nobody set in GHL", row.id))
                    }
                }
            }
        }
    }

    /// The statuses an order took over from GHL, in order.
    fn taken_over(&self, row: &OrderRow) -> Vec<String> {
        self.status_events(row).into_iter().filter(|(by, _)| by == "ghl").map(|(_, status)| status).collect()
    }

    /// By whom and to what the order's status changed, in order.
    fn status_events(&self, row: &OrderRow) -> Vec<(String, String)> {
        let text = |payload: &Value, key: &str| {
            payload.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        let own = self.events.iter().filter(|e| e.order == row.id && e.kind == "status_changed");
        own.filter_map(|event| serde_json::from_str::<Value>(&event.payload).ok())
            .map(|payload| (text(&payload, "by"), text(&payload, "status")))
            .collect()
    }

    fn logged(&self, row: &OrderRow, kind: &str, status: &str) -> bool {
        let needle = format!("\"status\":\"{status}\"");
        self.events.iter().any(|e| e.order == row.id && e.kind == kind && e.payload.contains(&needle))
    }

    /// I3: a stage that somebody set was taken over, logged as the loser, superseded before anybody
    /// looked, or fell into the gap between our look and our write, which is counted.
    pub(super) fn no_edit_is_missing(&mut self) {
        for (_, row) in self.rows.clone() {
            let Some(id) = row.opportunity.clone() else { continue };
            if row.detached || self.ghl.opportunity(id.as_str()).is_none() {
                continue;
            }
            let history = self.ghl.stage_history(id.as_str()).to_vec();
            let taken = self.taken_over(&row);
            for (index, change) in history.iter().enumerate() {
                if change.by != Author::Human {
                    continue;
                }
                let stage =
                    self.ghl.stage(&change.stage_id).map(|stage| stage.name.clone()).unwrap_or_default();
                let Some(status) = PATH.iter().find(|status| stage_name(status) == stage) else { continue };
                let next = history.get(index + 1);
                let until = next.map_or(i64::MAX, |next| next.at);
                let seen = self.ghl.received().any(|r| {
                    r.method == "GET"
                        && r.status == 200
                        && r.path.ends_with(id.as_str())
                        && (change.at..until).contains(&r.at)
                });
                let set_by_shop =
                    self.run.shop.iter().any(|fact| fact.order == row.id && fact.status == *status);
                let accounted = taken.iter().any(|t| t == status)
                    || self.logged(&row, "edit_lost", status)
                    || row.status == *status
                    || next.is_some_and(|next| next.by == Author::Human);
                if accounted {
                    continue;
                }
                match next {
                    Some(next) if next.by == Author::Api && !seen => self.report.gaps += 1,
                    // Taken for our own write of the same stage, whose outcome was unknown.
                    _ if set_by_shop => self.report.gaps += 1,
                    _ => self.broken(format!(
                        "I3: {} never heard of {status}, set in GHL at {} (edit {index} of {}; seen: {seen})",
                        row.id,
                        change.at,
                        history.len()
                    )),
                }
            }
        }
    }

    /// I3: the shop's last change stands, unless a later edit in GHL was taken over.
    pub(super) fn the_shop_is_not_overruled(&mut self) {
        for (_, row) in self.rows.clone() {
            let last: Option<ShopFact> = self.run.shop.iter().rfind(|fact| fact.order == row.id).cloned();
            let Some(last) = last else { continue };
            let events = self.status_events(&row);
            let stands = events.last().map(|(_, status)| status.clone());
            if stands.as_deref() != Some(row.status.as_str()) {
                self.broken(format!("I3: {} is {}, its last event says {stands:?}", row.id, row.status));
            }
            let by_ghl = events.last().is_some_and(|(by, _)| by == "ghl");
            if row.status != last.status && !by_ghl {
                self.broken(format!("I3: {} is {}, the shop said {}", row.id, row.status, last.status));
            }
            if by_ghl && last.status == "cancelled" {
                self.broken(format!("I3: {} was cancelled by the shop and left that by GHL", row.id));
            }
        }
    }
}
