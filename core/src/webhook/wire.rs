use std::borrow::Cow;

use chrono::DateTime;
use serde::{
    Deserialize,
    de::{MapAccess, value::MapAccessDeserializer},
};
use serde_json::{Value, value::RawValue};

use super::lenient::{Lenient, Maybe};

/// Text that is borrowed from the body where it has no escapes.
pub(super) type Text<'a> = Maybe<Cow<'a, str>>;

/// Every field that is read of any webhook, in one pass.
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Wire<'a> {
    #[serde(borrow, rename = "type")]
    pub(super) event_type: Text<'a>,
    #[serde(borrow)]
    pub(super) webhook_id: Text<'a>,
    pub(super) timestamp: Maybe<Timestamp>,
    #[serde(borrow)]
    pub(super) location_id: Text<'a>,
    #[serde(borrow)]
    pub(super) id: Text<'a>,
    #[serde(borrow)]
    pub(super) contact_id: Text<'a>,
    #[serde(borrow)]
    pub(super) opportunity_id: Text<'a>,
    #[serde(borrow)]
    pub(super) pipeline_id: Text<'a>,
    #[serde(borrow)]
    pub(super) pipeline_stage_id: Text<'a>,
    #[serde(borrow)]
    pub(super) pipeline_stage: Text<'a>,
    #[serde(borrow)]
    pub(super) name: Text<'a>,
    #[serde(borrow)]
    pub(super) first_name: Text<'a>,
    #[serde(borrow)]
    pub(super) last_name: Text<'a>,
    #[serde(borrow)]
    pub(super) email: Text<'a>,
    #[serde(borrow)]
    pub(super) phone: Text<'a>,
    #[serde(borrow)]
    pub(super) status: Text<'a>,
    pub(super) monetary_value: Maybe<f64>,
    #[serde(borrow)]
    pub(super) tags: Maybe<Vec<Cow<'a, str>>>,
    #[serde(borrow)]
    pub(super) custom_fields: Maybe<Vec<FieldWire<'a>>>,
    #[serde(borrow)]
    pub(super) appointment: Maybe<AppointmentWire<'a>>,
    #[serde(borrow)]
    pub(super) app_id: Text<'a>,
    #[serde(borrow)]
    pub(super) company_id: Text<'a>,
    #[serde(borrow)]
    pub(super) user_id: Text<'a>,
    #[serde(borrow)]
    pub(super) plan_id: Text<'a>,
    /// Some samples of HighLevel's Webhook Integration Guide nest the object here. Nested objects are kept
    /// as text and read one level deep, so that no body can exhaust the stack.
    #[serde(borrow)]
    data: Option<&'a RawValue>,
    /// Where a workflow's plain Webhook action puts what its author adds.
    #[serde(borrow)]
    custom_data: Option<&'a RawValue>,
}

impl<'a> Wire<'a> {
    /// The fields of a body, `None` if it is JSON but no object. What is nested one level down counts
    /// where the body itself does not say it; type, id and time of the event are the envelope's alone.
    pub(super) fn read(body: &'a str) -> serde_json::Result<Option<Self>> {
        let Maybe(Some(mut wire)) = serde_json::from_str::<Maybe<Self>>(body)? else { return Ok(None) };
        for nested in [wire.data, wire.custom_data].into_iter().flatten() {
            if let Maybe(Some(inner)) = serde_json::from_str(nested.get())? {
                wire.adopt(inner);
            }
        }
        Ok(Some(wire))
    }

    fn adopt(&mut self, inner: Self) {
        fill(&mut self.location_id, inner.location_id);
        fill(&mut self.id, inner.id);
        fill(&mut self.contact_id, inner.contact_id);
        fill(&mut self.opportunity_id, inner.opportunity_id);
        fill(&mut self.pipeline_id, inner.pipeline_id);
        fill(&mut self.pipeline_stage_id, inner.pipeline_stage_id);
        fill(&mut self.pipeline_stage, inner.pipeline_stage);
        fill(&mut self.name, inner.name);
        fill(&mut self.first_name, inner.first_name);
        fill(&mut self.last_name, inner.last_name);
        fill(&mut self.email, inner.email);
        fill(&mut self.phone, inner.phone);
        fill(&mut self.status, inner.status);
        fill(&mut self.monetary_value, inner.monetary_value);
        fill(&mut self.tags, inner.tags);
        fill(&mut self.custom_fields, inner.custom_fields);
        fill(&mut self.appointment, inner.appointment);
        fill(&mut self.app_id, inner.app_id);
        fill(&mut self.company_id, inner.company_id);
        fill(&mut self.user_id, inner.user_id);
        fill(&mut self.plan_id, inner.plan_id);
    }
}

fn fill<T>(outer: &mut Maybe<T>, inner: Maybe<T>) {
    if outer.0.is_none() {
        *outer = inner;
    }
}

/// A custom field: app events give its id, a workflow's author may give its key in place of it.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct FieldWire<'a> {
    #[serde(borrow)]
    pub(super) id: Text<'a>,
    #[serde(borrow)]
    pub(super) key: Text<'a>,
    pub(super) value: Value,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct AppointmentWire<'a> {
    #[serde(borrow)]
    pub(super) id: Text<'a>,
    #[serde(borrow)]
    pub(super) calendar_id: Text<'a>,
    #[serde(borrow)]
    pub(super) contact_id: Text<'a>,
    #[serde(borrow)]
    pub(super) title: Text<'a>,
    #[serde(borrow)]
    pub(super) appointment_status: Text<'a>,
    #[serde(borrow)]
    pub(super) start_time: Text<'a>,
    #[serde(borrow)]
    pub(super) end_time: Text<'a>,
}

macro_rules! objects {
    ($($name:ident)+) => {$(
        impl<'de: 'a, 'a> Lenient<'de> for $name<'a> {
            fn map<A: MapAccess<'de>>(map: A) -> Result<Option<Self>, A::Error> {
                Self::deserialize(MapAccessDeserializer::new(map)).map(Some)
            }
        }
    )+};
}

objects! { Wire FieldWire AppointmentWire }

/// When an event happened. Unlike other fields, one that cannot be read is not taken for absent: else a
/// replay could pass by spoiling it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Timestamp {
    At(i64),
    Malformed,
}

impl<'de> Lenient<'de> for Timestamp {
    fn other() -> Option<Self> {
        Some(Timestamp::Malformed)
    }

    fn text(text: Cow<'de, str>) -> Option<Self> {
        let at = DateTime::parse_from_rfc3339(&text).map(|at| Timestamp::At(at.timestamp_millis()));
        Some(at.unwrap_or(Timestamp::Malformed))
    }
}
