use crate::{
    api::{
        CustomField, CustomFieldInput, ExactNumber,
        shape::{input, reply, words},
    },
    ids::{ContactId, LocationId, OpportunityId, PipelineId, StageId, UserId},
};

words! {
    /// Whether an opportunity is still open; its stage is another matter.
    #[derive(Default)]
    pub enum OpportunityStatus {
        /// In progress.
        #[default]
        Open = "open",
        /// Closed with success.
        Won = "won",
        /// Closed without.
        Lost = "lost",
        /// Given up.
        Abandoned = "abandoned",
    }
}

reply! {
    /// An opportunity as GHL returns it. Times are epoch milliseconds in GHL's clock.
    pub struct Opportunity {
        /// Its id.
        pub id: OpportunityId = need,
        /// The location it belongs to.
        pub location_id: Option<LocationId> = text,
        /// Its name.
        pub name: Option<String> = text,
        /// Its contact.
        pub contact_id: Option<ContactId> = text("contactId", "contact.id"),
        /// Its pipeline.
        pub pipeline_id: Option<PipelineId> = text,
        /// Its stage.
        pub stage_id as "pipelineStageId": Option<StageId> = text,
        /// Its status; one that is not known is kept with everything else.
        pub status: Option<OpportunityStatus> = take,
        /// Its value in major units, digit for digit.
        pub monetary_value: Option<ExactNumber> = take,
        /// The employee in charge.
        pub assigned_to: Option<UserId> = text,
        /// Custom fields that have a value.
        pub custom_fields: Vec<CustomField> = list,
        /// When it was created.
        pub created_at_ms: Option<i64> = time("createdAt", "dateAdded"),
        /// When anything of it was last changed.
        pub updated_at_ms: Option<i64> = time("updatedAt"),
        /// When its stage was last changed.
        pub last_stage_change_at_ms: Option<i64> = time("lastStageChangeAt"),
        /// When its status was last changed.
        pub last_status_change_at_ms: Option<i64> = time("lastStatusChangeAt"),
        ..extra
    }
}

input! {
    /// An opportunity to be created.
    pub struct NewOpportunity {
        /// The pipeline.
        pub pipeline_id: PipelineId,
        /// The stage; absent means the pipeline's first.
        pub stage_id as "pipelineStageId": Option<StageId>,
        /// The name.
        pub name: String,
        /// The status; read as `open` where it is not given.
        #[serde(default)]
        pub status: OpportunityStatus = "open",
        /// The contact.
        pub contact_id: ContactId,
        /// The value in major units, sent digit for digit.
        pub monetary_value: Option<ExactNumber>,
        /// The employee in charge.
        pub assigned_to: Option<UserId>,
        /// Custom fields.
        pub custom_fields: Vec<CustomFieldInput> = [],
    }
}

input! {
    /// What can be changed of an opportunity; what is absent stays as it is.
    #[derive(Default)]
    pub struct OpportunityInput {
        /// The pipeline.
        pub pipeline_id: Option<PipelineId>,
        /// The stage.
        pub stage_id as "pipelineStageId": Option<StageId>,
        /// The name.
        pub name: Option<String>,
        /// The status.
        pub status: Option<OpportunityStatus>,
        /// The value in major units, sent digit for digit.
        pub monetary_value: Option<ExactNumber>,
        /// The employee in charge.
        pub assigned_to: Option<UserId>,
        /// Custom fields; those not named stay as they are.
        pub custom_fields: Vec<CustomFieldInput> = [],
    }
}

words! {
    /// What becomes of followers that are named.
    pub enum FollowersAction {
        /// They are added.
        Add = "add",
        /// They are removed.
        Remove = "remove",
    }
}

input! {
    /// An opportunity to be created, or changed where the contact or the id has one.
    pub struct OpportunityUpsert {
        /// The opportunity, where it is known.
        pub id: Option<OpportunityId>,
        /// The pipeline.
        pub pipeline_id: PipelineId,
        /// The contact.
        pub contact_id: Option<ContactId>,
        /// The stage.
        pub stage_id as "pipelineStageId": Option<StageId>,
        /// The name.
        pub name: Option<String>,
        /// The status.
        pub status: Option<OpportunityStatus>,
        /// The value in major units, sent digit for digit.
        pub monetary_value: Option<ExactNumber>,
        /// The employee in charge.
        pub assigned_to: Option<UserId>,
        /// Why it is lost.
        pub lost_reason_id: Option<String>,
        /// Employees who follow it.
        pub followers: Vec<UserId> = [],
        /// What becomes of these.
        pub followers_action_type: Option<FollowersAction>,
        /// Whether all who follow it are removed.
        pub is_remove_all_followers: Option<bool>,
    }
}

reply! {
    /// The reply of an upsert.
    #[cfg_attr(feature = "ts", ts(rename = "UpsertedOpportunity"))]
    pub struct Upserted {
        /// Whether the opportunity is new; absent where GHL does not say.
        pub new: Option<bool> = take,
        /// The opportunity.
        pub opportunity: Opportunity = whole,
    }
}

reply! {
    /// The employees who follow an opportunity.
    pub struct Followers or null {
        /// As GHL returns them.
        pub followers: Vec<String> = list,
        ..extra
    }
}

reply! {
    /// Why opportunities are lost.
    pub struct LostReason {
        /// Its id.
        pub id: String = need("id", "_id"),
        /// Its name.
        pub name: Option<String> = text,
        ..extra
    }
}

input! {
    /// Which reasons to list.
    pub struct LostReasonQuery {
        /// Words to look for.
        pub query: Option<String>,
        /// How many to pass over; 0 where it is not given.
        #[serde(default)]
        pub skip: u32 = 0,
        /// Reasons a page; 100 where it is not given.
        #[serde(default = "crate::api::shape::number::<100>")]
        pub limit: u32 = 100,
    }
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
