use serde::{Deserialize, Deserializer, Serialize};

use crate::{
    api::{CustomField, CustomFieldInput, ExactNumber, Extra, fields::Fields},
    ids::{ContactId, LocationId, OpportunityId, PipelineId, StageId, UserId},
};

/// Whether an opportunity is still open; its stage is another matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum OpportunityStatus {
    /// In progress.
    #[default]
    Open,
    /// Closed with success.
    Won,
    /// Closed without.
    Lost,
    /// Given up.
    Abandoned,
}

impl OpportunityStatus {
    /// GHL's spelling.
    pub fn as_str(self) -> &'static str {
        match self {
            OpportunityStatus::Open => "open",
            OpportunityStatus::Won => "won",
            OpportunityStatus::Lost => "lost",
            OpportunityStatus::Abandoned => "abandoned",
        }
    }
}

/// An opportunity as GHL returns it. Times are epoch milliseconds in GHL's clock.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct Opportunity {
    /// Its id.
    pub id: OpportunityId,
    /// The location it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location_id: Option<LocationId>,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its contact.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact_id: Option<ContactId>,
    /// Its pipeline.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pipeline_id: Option<PipelineId>,
    /// Its stage.
    #[serde(rename = "pipelineStageId", skip_serializing_if = "Option::is_none")]
    pub stage_id: Option<StageId>,
    /// Its status; one that is not known is kept with everything else.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<OpportunityStatus>,
    /// Its value in major units, digit for digit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub monetary_value: Option<ExactNumber>,
    /// The employee in charge.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assigned_to: Option<UserId>,
    /// Custom fields that have a value.
    pub custom_fields: Vec<CustomField>,
    /// When it was created.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_at_ms: Option<i64>,
    /// When anything of it was last changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_at_ms: Option<i64>,
    /// When its stage was last changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_stage_change_at_ms: Option<i64>,
    /// When its status was last changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_status_change_at_ms: Option<i64>,
    /// Everything else.
    #[serde(flatten)]
    pub extra: Extra,
}

impl<'de> Deserialize<'de> for Opportunity {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Nested {
            id: String,
        }
        let mut fields = Fields::deserialize(deserializer)?;
        // Searches nest the contact, and some leave `contactId` out.
        let nested = fields.look::<Nested>("contact").map(|contact| contact.id);
        Ok(Self {
            id: OpportunityId::new(fields.need::<D::Error>("id")?),
            location_id: fields.text("locationId").map(LocationId::new),
            name: fields.text("name"),
            contact_id: fields.text("contactId").or(nested).map(ContactId::new),
            pipeline_id: fields.text("pipelineId").map(PipelineId::new),
            stage_id: fields.text("pipelineStageId").map(StageId::new),
            status: fields.take(&["status"]),
            monetary_value: fields.take(&["monetaryValue"]),
            assigned_to: fields.text("assignedTo").map(UserId::new),
            custom_fields: fields.list::<_, D::Error>("customFields")?,
            created_at_ms: fields.time_ms(&["createdAt", "dateAdded"]),
            updated_at_ms: fields.time_ms(&["updatedAt"]),
            last_stage_change_at_ms: fields.time_ms(&["lastStageChangeAt"]),
            last_status_change_at_ms: fields.time_ms(&["lastStatusChangeAt"]),
            extra: fields.rest(),
        })
    }
}

/// An opportunity to be created.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewOpportunity {
    /// The pipeline.
    pub pipeline_id: PipelineId,
    /// The stage; absent means the pipeline's first.
    #[serde(rename = "pipelineStageId", skip_serializing_if = "Option::is_none")]
    pub stage_id: Option<StageId>,
    /// The name.
    pub name: String,
    /// The status; read as `open` where it is not given.
    #[serde(default)]
    #[cfg_attr(feature = "ts", ts(optional, as = "Option<OpportunityStatus>"))]
    pub status: OpportunityStatus,
    /// The contact.
    pub contact_id: ContactId,
    /// The value in major units, sent digit for digit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub monetary_value: Option<ExactNumber>,
    /// The employee in charge.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assigned_to: Option<UserId>,
    /// Custom fields.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "ts", ts(optional, as = "Option<Vec<CustomFieldInput>>"))]
    pub custom_fields: Vec<CustomFieldInput>,
}

/// What can be changed of an opportunity; what is absent stays as it is.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OpportunityInput {
    /// The pipeline.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pipeline_id: Option<PipelineId>,
    /// The stage.
    #[serde(rename = "pipelineStageId", skip_serializing_if = "Option::is_none")]
    pub stage_id: Option<StageId>,
    /// The name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<OpportunityStatus>,
    /// The value in major units, sent digit for digit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub monetary_value: Option<ExactNumber>,
    /// The employee in charge.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assigned_to: Option<UserId>,
    /// Custom fields; those not named stay as they are.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "ts", ts(optional, as = "Option<Vec<CustomFieldInput>>"))]
    pub custom_fields: Vec<CustomFieldInput>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{FieldValue, testing::read};

    #[test]
    fn an_opportunity_is_read_and_its_value_keeps_its_digits() {
        let opportunity: Opportunity = read(
            r#"{"id":"opp1","locationId":"loc1","name":"Order #1","contactId":"con1","pipelineId":"pip1",
            "pipelineStageId":"sta1","status":"won","monetaryValue":90071992547409931.10,"assignedTo":"usr1",
            "customFields":[{"id":"f1","fieldValue":"pi_1"},{"id":"f2","type":"string","fieldValueString":"x"}],
            "createdAt":"2021-08-03T04:55:17.355Z","updatedAt":1627966517356,
            "lastStageChangeAt":"2021-08-03T04:55:17.357Z","lastStatusChangeAt":"2021-08-03T04:55:17.358Z",
            "source":"api","contact":{"id":"con1","name":"Zoë"}}"#,
        );
        assert_eq!(opportunity.id, OpportunityId::new("opp1"));
        assert_eq!(opportunity.name.as_deref(), Some("Order #1"));
        assert_eq!(opportunity.contact_id, Some(ContactId::new("con1")));
        assert_eq!(opportunity.pipeline_id, Some(PipelineId::new("pip1")));
        assert_eq!(opportunity.stage_id, Some(StageId::new("sta1")));
        assert_eq!(opportunity.status, Some(OpportunityStatus::Won));
        assert_eq!(opportunity.monetary_value.unwrap().as_str(), "90071992547409931.10");
        let values = opportunity.custom_fields.into_iter().map(|field| field.value).collect::<Vec<_>>();
        assert_eq!(values, [FieldValue::from("pi_1"), FieldValue::from("x")]);
        let times = [
            opportunity.created_at_ms,
            opportunity.updated_at_ms,
            opportunity.last_stage_change_at_ms,
            opportunity.last_status_change_at_ms,
        ];
        assert_eq!(times.map(|time| time.unwrap() - 1_627_966_517_000), [355, 356, 357, 358]);
        assert_eq!(opportunity.extra.keys().collect::<Vec<_>>(), ["contact", "source"]);
    }

    #[test]
    fn what_is_not_understood_is_kept() {
        let odd: Opportunity =
            read(r#"{"id":"opp1","status":"frozen","monetaryValue":"a lot","contact":{"id":"con2"}}"#);
        assert_eq!((odd.status, odd.monetary_value), (None, None));
        assert_eq!(odd.contact_id, Some(ContactId::new("con2")), "searches nest the contact");
        assert_eq!((&odd.extra["status"], &odd.extra["monetaryValue"]), (&"frozen".into(), &"a lot".into()));
    }
}
