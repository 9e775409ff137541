use std::borrow::Cow;

use crate::{
    members::{Member, Members},
    nested::{self, AppointmentWire, FieldList, StatusWire, TextList},
    property::{each_noted, properties, text},
    scanner::{Fault, Kind, Scanner},
    text::Text,
    timestamp::{self, Timestamp},
};

properties! {
    /// The properties of a body that are read.
    pub Key:
    Type "type"
    WebhookId "webhookId"
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
    Timestamp "timestamp"
    MonetaryValue "monetaryValue"
    Tags "tags"
    CustomFields "customFields"
    Appointment "appointment"
    Data "data"
    CustomData "customData"
}

/// Those of [`Key`] that are texts: all before the timestamp.
const TEXTS: usize = Key::Timestamp as usize;

/// How much of a body is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// Everything that is read.
    Full,
    /// No lists: of the custom fields the order's status, of tags nothing.
    Summary,
}

/// Every field that is read of any webhook, borrowed from its body. A property of an unexpected type counts as
/// absent, and so does a text that holds U+0000.
#[derive(Debug, Default)]
pub struct Wire<'a> {
    texts: [Option<Text<'a>>; TEXTS],
    /// `timestamp`
    pub timestamp: Option<Timestamp>,
    /// `monetaryValue`
    pub monetary_value: Option<f64>,
    /// `tags`
    pub tags: Option<TextList<'a>>,
    /// `customFields`, read in full.
    pub custom_fields: Option<FieldList<'a>>,
    /// `customFields`, read for a summary.
    pub order_status: Option<StatusWire<'a>>,
    /// `appointment`
    pub appointment: Option<AppointmentWire<'a>>,
    /// Some samples of HighLevel's Webhook Integration Guide nest the object under `data`.
    data: Option<Box<Wire<'a>>>,
    /// Where a workflow's plain Webhook action puts what its author adds.
    custom_data: Option<Box<Wire<'a>>>,
    members: Members<'a>,
}

impl<'a> Wire<'a> {
    /// Reads a body into this empty one; false where the body is JSON but no object. What is nested one level
    /// down counts where the body itself does not say it; type and id of the event are the envelope's alone.
    ///
    /// # Errors
    /// It is no JSON, or gives a property that is read twice.
    pub fn fill(&mut self, body: &'a str, depth: Depth) -> Result<bool, Fault> {
        let mut json = Scanner::new(body);
        let is_object = self.object(&mut json, depth, false)?;
        json.end()?;
        for inner in [self.data.take(), self.custom_data.take()].into_iter().flatten() {
            self.adopt(*inner);
        }
        Ok(is_object)
    }

    /// A text.
    pub fn text(&self, key: Key) -> Option<Cow<'a, str>> {
        self.texts.get(key as usize).copied().flatten().and_then(Text::decode_storable)
    }

    /// The body's own members, where it was read in full; `None` where they are too many to be kept.
    pub fn members(&self) -> Option<&[Member<'a>]> {
        self.members.all()
    }

    fn object(&mut self, json: &mut Scanner<'a>, depth: Depth, nested: bool) -> Result<bool, Fault> {
        let mut members = Members::default();
        let noted = (depth == Depth::Full && !nested).then_some(&mut members);
        let is_object = each_noted(json, noted, |key, json| {
            match key {
                Key::Timestamp => self.timestamp = timestamp::read(json)?,
                Key::MonetaryValue => self.monetary_value = number(json)?,
                Key::Appointment => self.appointment = nested::appointment(json)?,
                Key::Tags if depth == Depth::Full => self.tags = nested::texts(json)?,
                Key::CustomFields if depth == Depth::Full => self.custom_fields = nested::fields(json)?,
                Key::CustomFields => self.order_status = nested::order_status(json)?,
                Key::Data if !nested => self.data = inner(json, depth)?,
                Key::CustomData if !nested => self.custom_data = inner(json, depth)?,
                Key::Tags | Key::Data | Key::CustomData => json.skip()?,
                _ => {
                    let text = text(json)?;
                    if let Some(slot) = self.texts.get_mut(key as usize) {
                        *slot = text;
                    }
                }
            }
            Ok(())
        })?;
        self.members = members;
        Ok(is_object)
    }

    fn adopt(&mut self, inner: Self) {
        let envelope = [Key::Type as usize, Key::WebhookId as usize];
        for (place, (outer, inner)) in self.texts.iter_mut().zip(inner.texts).enumerate() {
            if !envelope.contains(&place) {
                // A text that counts as absent gives way.
                *outer = outer.filter(|text| text.decode_storable().is_some()).or(inner);
            }
        }
        self.monetary_value = self.monetary_value.or(inner.monetary_value);
        self.tags = self.tags.or(inner.tags);
        self.custom_fields = self.custom_fields.or(inner.custom_fields);
        self.order_status = self.order_status.or(inner.order_status);
        self.appointment = self.appointment.or(inner.appointment);
    }
}

fn inner<'a>(json: &mut Scanner<'a>, depth: Depth) -> Result<Option<Box<Wire<'a>>>, Fault> {
    let mut wire = Box::<Wire<'_>>::default();
    Ok(wire.object(json, depth, true)?.then_some(wire))
}

fn number(json: &mut Scanner<'_>) -> Result<Option<f64>, Fault> {
    if json.kind()? == Kind::Number {
        return Ok(serde_json::from_str(json.number()?).ok());
    }
    json.skip().map(|()| None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_type_counts_as_absent() {
        let mut wire = Wire::default();
        let body = r#"{"id":1,"name":["a"],"tags":["a",1,null,"b"],"monetaryValue":"40","appointment":[],
            "email":"a\u0000b","phone":"+\u0031","customFields":[1,{"id":"f"},[]],"data":"x","customData":{"email":"c@d.fi"}}"#;
        assert!(wire.fill(body, Depth::Full).unwrap());
        assert!(wire.text(Key::Id).is_none() && wire.text(Key::Name).is_none());
        assert_eq!(wire.text(Key::Phone).as_deref(), Some("+1"));
        assert_eq!(wire.text(Key::Email).as_deref(), Some("c@d.fi"));
        let mut tags = Vec::new();
        wire.tags.unwrap().each(|tag| tags.push(tag.decode()));
        assert_eq!(tags, ["a", "b"]);
        assert!(wire.monetary_value.is_none() && wire.appointment.is_none());
        assert_eq!(wire.custom_fields.map(|fields| fields.named), Some(1));
    }

    #[test]
    fn the_members_of_a_body_are_noted_while_they_are_few() {
        let read = |body: &str, depth| {
            let mut wire = Wire::default();
            wire.fill(body, depth).unwrap();
            let plain = |(name, value): &Member<'_>| (name.decode().into_owned(), (*value).to_owned());
            wire.members().map(|members| members.iter().map(plain).collect::<Vec<_>>())
        };
        let body = r#"{"a" : 1,"id": "x" ,"a":[ {"b":2} ],"d\u0061ta": {"c":3},"tags":["t"]}"#;
        let expected =
            [("a", "1"), ("id", "\"x\""), ("a", "[ {\"b\":2} ]"), ("data", "{\"c\":3}"), ("tags", "[\"t\"]")];
        let expected: Vec<_> =
            expected.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        assert_eq!(read(body, Depth::Full), Some(expected));
        assert_eq!(read(body, Depth::Summary), Some(Vec::new()), "nothing is kept for a summary");
        for (count, kept) in [(0, true), (16, true), (17, true), (64, true), (65, false), (1_000, false)] {
            let members: Vec<String> = (0..count).map(|nth| format!("\"m{nth}\":{nth}")).collect();
            let noted = read(&format!("{{{}}}", members.join(",")), Depth::Full);
            assert_eq!(noted.as_ref().map(Vec::len), kept.then_some(count), "{count}");
        }
    }

    #[test]
    fn what_is_no_object_is_told_from_what_is_no_json() {
        for (body, is_object) in
            [("{}", Some(true)), ("[]", Some(false)), ("\"\"", Some(false)), ("{", None), ("{}}", None)]
        {
            assert_eq!(Wire::default().fill(body, Depth::Summary).ok(), is_object, "{body}");
        }
    }

    #[test]
    fn a_property_given_twice_is_refused_unless_it_is_not_read() {
        for (body, ok) in [
            (r#"{"id":"a","id":"a"}"#, false),
            (r#"{"id":"a","\u0069d":"b"}"#, false),
            (r#"{"tags":1,"tags":2}"#, false),
            (r#"{"customFields":[{"id":"a","id":"b"}]}"#, false),
            (r#"{"appointment":{"id":"a","id":"b"}}"#, false),
            (r#"{"data":{"id":"a","id":"b"}}"#, false),
            (r#"{"data":{"data":{"id":"a","id":"b"}}}"#, true),
            (r#"{"other":1,"other":2,"data":{"id":"a"},"id":"b"}"#, true),
        ] {
            for depth in [Depth::Full, Depth::Summary] {
                assert_eq!(Wire::default().fill(body, depth).is_ok(), ok, "{body} {depth:?}");
            }
        }
    }
}
