use std::collections::BTreeMap;

use chrono::DateTime;
use serde::{Deserialize, Serialize};

use crate::{
    error::{Error, Result},
    ids::{ContactId, OpportunityId},
    json::at,
    order::{MAX_NUMBER_CHARS, Outcome, Status, StatusModel},
    sync::desired::{field, opportunity_status, status_fields},
};

/// An order as far as a push without memory needs it: what the shop knows of it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PushOrder {
    /// The customer's contact.
    pub contact_id: ContactId,
    /// The order's opportunity; without one only the contact is written.
    pub opportunity_id: Option<OpportunityId>,
    /// The status that was pushed before; without it no tag is removed and a closed opportunity stays closed.
    pub previous_status: Option<String>,
    /// The number customers know, up to 100 characters; without it the contact keeps the one it has.
    pub order_number: Option<String>,
}

/// What happened to it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PushChange {
    /// The status now.
    pub status: String,
    /// Manufacturing progress in percent, 0 to 100.
    pub manufacturing: Option<u8>,
    /// When, in epoch milliseconds.
    pub at: i64,
}

/// One write to GHL.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum PushCommand {
    /// Moves the opportunity, sets its status, or both.
    UpdateOpportunity {
        /// The opportunity.
        opportunity_id: OpportunityId,
        /// The stage: its key in a plan, its id in what was pushed; absent where it stays where it is.
        #[serde(skip_serializing_if = "Option::is_none")]
        stage: Option<String>,
        /// `open`, `won`, `lost` or `abandoned`; absent where it stays what it is.
        #[serde(skip_serializing_if = "Option::is_none")]
        status: Option<String>,
    },
    /// Writes custom fields.
    UpdateContact {
        /// The contact.
        contact_id: ContactId,
        /// Values by the field's key, e.g. `order_status`.
        custom_fields: BTreeMap<String, String>,
    },
    /// Adds tags and leaves the others.
    AddTags {
        /// The contact.
        contact_id: ContactId,
        /// The tags.
        tags: Vec<String>,
    },
    /// Removes tags and leaves the others.
    RemoveTags {
        /// The contact.
        contact_id: ContactId,
        /// The tags.
        tags: Vec<String>,
    },
}

/// What GHL has to be told of a change, in the order in which the engine would.
///
/// A change to the status that was pushed before tells of manufacturing progress only, if there is any.
///
/// # Errors
/// `invalid_argument`, field `change.status`, `change.manufacturing`, `change.at`, `order.previousStatus`
/// or `order.orderNumber`.
pub fn plan(model: &StatusModel, order: &PushOrder, change: &PushChange) -> Result<Vec<PushCommand>> {
    let change = Checked::new(model, order, change)?;
    let stage = model.stage_key(&change.status).map(str::to_owned);
    Ok(change.commands(model, order, stage))
}

/// A change whose statuses the model knows.
pub(super) struct Checked {
    pub(super) status: Status,
    previous: Option<Status>,
    manufacturing: Option<u8>,
    at: i64,
}

impl Checked {
    pub(super) fn new(model: &StatusModel, order: &PushOrder, change: &PushChange) -> Result<Self> {
        let previous = order.previous_status.as_deref().map(Status::parse).transpose();
        if change.manufacturing.is_some_and(|percent| percent > 100) {
            return Err(Error::invalid("change.manufacturing", "expected 0 to 100"));
        }
        if DateTime::from_timestamp_millis(change.at).is_none() {
            return Err(Error::invalid("change.at", "expected a time in epoch milliseconds"));
        }
        if order.order_number.as_ref().is_some_and(|number| number.chars().count() > MAX_NUMBER_CHARS) {
            let expected = format_args!("expected at most {MAX_NUMBER_CHARS} characters");
            return Err(Error::invalid("order.orderNumber", expected));
        }
        Ok(Self {
            status: at("change.status", model.status(&change.status))?,
            // The model need not know it any more.
            previous: at("order.previousStatus", previous)?,
            manufacturing: change.manufacturing,
            at: change.at,
        })
    }

    /// Whether the status was pushed before.
    pub(super) fn is_old(&self) -> bool {
        self.previous.as_ref() == Some(&self.status)
    }

    /// The writes; `stage` is where the opportunity belongs.
    pub(super) fn commands(
        &self,
        model: &StatusModel,
        order: &PushOrder,
        stage: Option<String>,
    ) -> Vec<PushCommand> {
        let mut commands = Vec::new();
        if !self.is_old() {
            commands.extend(self.opportunity(model, order, stage));
        }
        if !self.is_old() || self.manufacturing.is_some() {
            let mut fields = status_fields(model, &self.status, self.manufacturing, self.at);
            fields.extend(order.order_number.clone().map(|number| (field::ORDER_NUMBER.to_owned(), number)));
            let contact_id = order.contact_id.clone();
            commands.push(PushCommand::UpdateContact { contact_id, custom_fields: fields });
        }
        if !self.is_old() {
            // An order beside the path has no tag.
            let tagged = |status: &&Status| model.is_open(status);
            if let Some(status) = Some(&self.status).filter(tagged) {
                let (contact_id, tags) = (order.contact_id.clone(), vec![model.tag(status)]);
                commands.push(PushCommand::AddTags { contact_id, tags });
            }
            let was_tagged =
                |status: &&Status| model.is_open(status) || !model.statuses().any(|s| s == *status);
            if let Some(previous) = self.previous.as_ref().filter(was_tagged) {
                let (contact_id, tags) = (order.contact_id.clone(), vec![model.tag(previous)]);
                commands.push(PushCommand::RemoveTags { contact_id, tags });
            }
        }
        commands
    }

    fn opportunity(
        &self,
        model: &StatusModel,
        order: &PushOrder,
        stage: Option<String>,
    ) -> Option<PushCommand> {
        let opportunity_id = order.opportunity_id.clone()?;
        let closes = |status: &Status| {
            matches!(model.outcome(status), Outcome::Won | Outcome::Lost | Outcome::Abandoned)
        };
        let closed_by_us = self.previous.as_ref().is_some_and(closes);
        let status = opportunity_status(model, &self.status, closed_by_us).map(str::to_owned);
        let any = stage.is_some() || status.is_some();
        any.then_some(PushCommand::UpdateOpportunity { opportunity_id, stage, status })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::Code;

    const AT: i64 = 1_800_000_000_000;

    fn order(previous: Option<&str>) -> PushOrder {
        PushOrder {
            contact_id: ContactId::new("con1"),
            opportunity_id: Some(OpportunityId::new("opp1")),
            previous_status: previous.map(str::to_owned),
            order_number: Some("A-1".to_owned()),
        }
    }

    fn change(status: &str) -> PushChange {
        PushChange { status: status.to_owned(), manufacturing: None, at: AT }
    }

    fn planned(order: &PushOrder, change: &PushChange) -> Value {
        json!(plan(&StatusModel::default(), order, change).unwrap())
    }

    /// The types of the commands, for short.
    fn types(order: &PushOrder, change: &PushChange) -> Vec<String> {
        let commands = planned(order, change);
        commands
            .as_array()
            .unwrap()
            .iter()
            .map(|command| command["type"].as_str().unwrap().to_owned())
            .collect()
    }

    #[test]
    fn a_change_moves_the_card_writes_the_fields_and_changes_the_tag() {
        assert_eq!(
            planned(&order(Some("manufacturing")), &change("shipped")),
            json!([
                { "type": "updateOpportunity", "opportunityId": "opp1", "stage": "stage_shipped" },
                { "type": "updateContact", "contactId": "con1", "customFields": {
                    "order_number": "A-1", "order_status": "shipped", "last_updated": "2027-01-15T08:00:00.000Z",
                    "progress_percentage": "75",
                } },
                { "type": "addTags", "contactId": "con1", "tags": ["status_shipped"] },
                { "type": "removeTags", "contactId": "con1", "tags": ["status_manufacturing"] },
            ])
        );
    }

    #[test]
    fn what_is_not_known_is_left_alone() {
        let stranger = PushOrder { opportunity_id: None, order_number: None, ..order(None) };
        assert_eq!(
            planned(&stranger, &change("shipped")),
            json!([
                { "type": "updateContact", "contactId": "con1", "customFields": {
                    "order_status": "shipped", "last_updated": "2027-01-15T08:00:00.000Z", "progress_percentage": "75",
                } },
                { "type": "addTags", "contactId": "con1", "tags": ["status_shipped"] },
            ])
        );
    }

    #[test]
    fn off_the_path_the_card_is_closed_and_no_tag_is_left() {
        let cancelled = planned(&order(Some("shipped")), &change("cancelled"));
        assert_eq!(
            cancelled[0],
            json!({ "type": "updateOpportunity", "opportunityId": "opp1", "status": "lost" })
        );
        assert_eq!(
            cancelled[1]["customFields"],
            json!({ "order_number": "A-1", "order_status": "cancelled", "last_updated": "2027-01-15T08:00:00.000Z" }),
            "progress is frozen"
        );
        assert_eq!(
            cancelled[2],
            json!({ "type": "removeTags", "contactId": "con1", "tags": ["status_shipped"] })
        );
        assert_eq!(cancelled.as_array().unwrap().len(), 3);
        assert_eq!(types(&order(Some("shipped")), &change("returned")), ["updateContact", "removeTags"]);
        let back = planned(&order(Some("cancelled")), &change("processing"));
        assert_eq!((&back[0]["stage"], &back[0]["status"]), (&json!("stage_processing"), &json!("open")));
        assert_eq!(
            types(&order(Some("cancelled")), &change("processing")),
            ["updateOpportunity", "updateContact", "addTags"]
        );
        let won = planned(&order(Some("returned")), &change("processing"));
        assert_eq!(won[0].get("status"), None, "what we did not close is not ours to open");
    }

    #[test]
    fn the_same_status_tells_of_manufacturing_progress_only() {
        assert_eq!(planned(&order(Some("manufacturing")), &change("manufacturing")), json!([]));
        let progress = PushChange { manufacturing: Some(50), ..change("manufacturing") };
        let told = planned(&order(Some("manufacturing")), &progress);
        assert_eq!(types(&order(Some("manufacturing")), &progress), ["updateContact"]);
        assert_eq!(
            (
                &told[0]["customFields"]["progress_percentage"],
                &told[0]["customFields"]["manufacturing_progress"]
            ),
            (&json!("58"), &json!("50"))
        );
    }

    #[test]
    fn the_tag_of_a_status_the_model_no_longer_knows_is_removed() {
        let told = planned(&order(Some("waiting")), &change("shipped"));
        assert_eq!(told[3], json!({ "type": "removeTags", "contactId": "con1", "tags": ["status_waiting"] }));
    }

    #[test]
    fn what_is_wrong_is_named() {
        let long = PushOrder { order_number: Some("1".repeat(101)), ..order(None) };
        for (order, change, field) in [
            (order(None), change("unheard_of"), "change.status"),
            (order(Some("Shipped!")), change("shipped"), "order.previousStatus"),
            (long, change("shipped"), "order.orderNumber"),
            (
                order(None),
                PushChange { manufacturing: Some(101), ..change("shipped") },
                "change.manufacturing",
            ),
            (order(None), PushChange { at: i64::MAX, ..change("shipped") }, "change.at"),
        ] {
            let error = plan(&StatusModel::default(), &order, &change).unwrap_err();
            assert_eq!((error.code(), error.field()), (Code::InvalidArgument, Some(field)), "{error}");
        }
    }
}
