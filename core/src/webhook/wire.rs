//! Every field that is read of any webhook, in one pass over the body and borrowed from it.

use std::borrow::Cow;

use serde::de::{DeserializeSeed, MapAccess};

use super::{
    lenient::{Expect, Lenient, List, Nothing, Number, Text},
    nested::{Appointment, AppointmentWire, Field, FieldWire, OrderStatus, StatusWire},
    property::{each, properties},
    timestamp::{Instant, Timestamp},
};

properties! {
    Key:
    Type "type"
    WebhookId "webhookId"
    Timestamp "timestamp"
    LocationId "locationId"
    Id "id"
    ContactId "contactId"
    OpportunityId "opportunityId"
    PipelineId "pipelineId"
    PipelineStageId "pipelineStageId"
    PipelineStage "pipelineStage"
    Name "name"
    FirstName "firstName"
    LastName "lastName"
    Email "email"
    Phone "phone"
    Status "status"
    AppId "appId"
    CompanyId "companyId"
    UserId "userId"
    PlanId "planId"
    MonetaryValue "monetaryValue"
    Tags "tags"
    CustomFields "customFields"
    Appointment "appointment"
    Data "data"
    CustomData "customData"
}

/// Enough for every text of [`Key`].
const TEXTS: usize = Key::PlanId as usize + 1;

/// How much of a body is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Depth {
    /// Everything that is read.
    Full,
    /// No lists: of the custom fields the order's status, of tags nothing.
    Summary,
}

/// The fields of a body. A property of an unexpected type counts as absent.
pub(super) struct Wire<'a> {
    texts: [Option<Cow<'a, str>>; TEXTS],
    pub(super) timestamp: Option<Timestamp>,
    pub(super) monetary_value: Option<f64>,
    pub(super) tags: Option<Vec<Cow<'a, str>>>,
    pub(super) custom_fields: Option<Vec<FieldWire<'a>>>,
    pub(super) order_status: Option<StatusWire<'a>>,
    pub(super) appointment: Option<AppointmentWire<'a>>,
    /// Some samples of HighLevel's Webhook Integration Guide nest the object under `data`.
    data: Option<Box<Wire<'a>>>,
    /// Where a workflow's plain Webhook action puts what its author adds.
    custom_data: Option<Box<Wire<'a>>>,
}

impl<'a> Wire<'a> {
    /// The fields of a body, `None` if it is JSON but no object. What is nested one level down counts
    /// where the body itself does not say it; type, id and time of the event are the envelope's alone.
    pub(super) fn read(body: &'a str, depth: Depth) -> serde_json::Result<Option<Self>> {
        let mut wire = Self::new();
        let mut json = serde_json::Deserializer::from_str(body);
        let object = Lenient(Body { wire: &mut wire, depth, nested: false }).deserialize(&mut json)?;
        json.end()?;
        for inner in [wire.data.take(), wire.custom_data.take()].into_iter().flatten() {
            wire.adopt(*inner);
        }
        Ok(object.map(|()| wire))
    }

    /// A text.
    pub(super) fn text(&self, key: Key) -> Option<&str> {
        self.texts.get(key as usize)?.as_deref()
    }

    /// A text, taken out.
    pub(super) fn take(&mut self, key: Key) -> Option<Cow<'a, str>> {
        self.texts.get_mut(key as usize)?.take()
    }

    fn new() -> Self {
        Self {
            texts: [const { None }; TEXTS],
            timestamp: None,
            monetary_value: None,
            tags: None,
            custom_fields: None,
            order_status: None,
            appointment: None,
            data: None,
            custom_data: None,
        }
    }

    fn adopt(&mut self, inner: Self) {
        let envelope = [Key::Type as usize, Key::WebhookId as usize];
        for (place, (outer, inner)) in self.texts.iter_mut().zip(inner.texts).enumerate() {
            if outer.is_none() && !envelope.contains(&place) {
                *outer = inner;
            }
        }
        fill(&mut self.monetary_value, inner.monetary_value);
        fill(&mut self.tags, inner.tags);
        fill(&mut self.custom_fields, inner.custom_fields);
        fill(&mut self.order_status, inner.order_status);
        fill(&mut self.appointment, inner.appointment);
    }
}

fn fill<T>(outer: &mut Option<T>, inner: Option<T>) {
    if outer.is_none() {
        *outer = inner;
    }
}

/// Expects an object, and fills a [`Wire`] with it.
struct Body<'w, 'a> {
    wire: &'w mut Wire<'a>,
    depth: Depth,
    nested: bool,
}

impl<'a> Body<'_, 'a> {
    fn property<A: MapAccess<'a>>(&mut self, key: Key, map: &mut A) -> Result<(), A::Error> {
        match (key, self.depth) {
            (Key::Timestamp, _) => self.wire.timestamp = map.next_value_seed(Lenient(Instant))?,
            (Key::MonetaryValue, _) => self.wire.monetary_value = map.next_value_seed(Lenient(Number))?,
            (Key::Appointment, _) => self.wire.appointment = map.next_value_seed(Lenient(Appointment))?,
            (Key::Tags, Depth::Full) => self.wire.tags = map.next_value_seed(Lenient(List(Text)))?,
            (Key::CustomFields, Depth::Full) => {
                self.wire.custom_fields = map.next_value_seed(Lenient(List(Field)))?;
            }
            (Key::CustomFields, Depth::Summary) => {
                self.wire.order_status = map.next_value_seed(Lenient(OrderStatus))?;
            }
            (Key::Data, _) if !self.nested => self.wire.data = self.inner(map)?,
            (Key::CustomData, _) if !self.nested => self.wire.custom_data = self.inner(map)?,
            (Key::Tags | Key::Data | Key::CustomData, _) => _ = map.next_value_seed(Lenient(Nothing))?,
            (text, _) => {
                let value = map.next_value_seed(Lenient(Text))?;
                if let Some(slot) = self.wire.texts.get_mut(text as usize) {
                    *slot = value;
                }
            }
        }
        Ok(())
    }

    fn inner<A: MapAccess<'a>>(&self, map: &mut A) -> Result<Option<Box<Wire<'a>>>, A::Error> {
        let mut wire = Box::new(Wire::new());
        let inner = Body { wire: &mut wire, depth: self.depth, nested: true };
        Ok(map.next_value_seed(Lenient(inner))?.map(|()| wire))
    }
}

impl<'a> Expect<'a> for Body<'_, 'a> {
    type Value = ();

    fn map<A: MapAccess<'a>>(mut self, mut map: A) -> Result<Option<()>, A::Error> {
        each(&mut map, |key, map| self.property(key, map)).map(Some)
    }
}
