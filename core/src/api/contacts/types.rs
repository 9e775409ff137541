use serde::{Deserialize, Deserializer, Serialize};

use crate::{
    api::{CustomField, CustomFieldInput, Extra, fields::Fields},
    ids::{ContactId, LocationId, UserId},
};

/// A contact as GHL returns it. Texts are absent where GHL has none; times are epoch milliseconds in GHL's
/// clock.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct Contact {
    /// Its id.
    pub id: ContactId,
    /// The location it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location_id: Option<LocationId>,
    /// Given name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_name: Option<String>,
    /// Family name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_name: Option<String>,
    /// Full name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// E-mail address, which GHL puts in lower case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Phone number in E.164.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// Street and number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address1: Option<String>,
    /// City.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// State or region.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// Postal code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<String>,
    /// Country, ISO 3166 alpha-2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// Tags, which GHL puts in lower case.
    pub tags: Vec<String>,
    /// Custom fields that have a value.
    pub custom_fields: Vec<CustomField>,
    /// When it was created.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date_added_ms: Option<i64>,
    /// When it was last changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date_updated_ms: Option<i64>,
    /// Everything else.
    #[serde(flatten)]
    pub extra: Extra,
}

impl<'de> Deserialize<'de> for Contact {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut fields = Fields::deserialize(deserializer)?;
        Ok(Self {
            id: ContactId::new(fields.need::<D::Error>("id")?),
            location_id: fields.text("locationId").map(LocationId::new),
            first_name: fields.text("firstName"),
            last_name: fields.text("lastName"),
            name: fields.text("name").or_else(|| fields.text("contactName")),
            email: fields.text("email"),
            phone: fields.text("phone"),
            address1: fields.text("address1"),
            city: fields.text("city"),
            state: fields.text("state"),
            postal_code: fields.text("postalCode"),
            country: fields.text("country"),
            tags: fields.list::<_, D::Error>("tags")?,
            custom_fields: fields.list::<_, D::Error>("customFields")?,
            date_added_ms: fields.time_ms(&["dateAdded"]),
            date_updated_ms: fields.time_ms(&["dateUpdated"]),
            extra: fields.rest(),
        })
    }
}

/// What can be written of a contact; what is absent stays as it is. Tags are missing on purpose: an update
/// would replace all of them, so they have requests of their own.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ContactInput {
    /// Given name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_name: Option<String>,
    /// Family name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_name: Option<String>,
    /// Full name, where it is not known in parts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// E-mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Phone number in E.164.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// Street and number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address1: Option<String>,
    /// City.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// State or region.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// Postal code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<String>,
    /// Country, ISO 3166 alpha-2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// Where the contact came from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The employee in charge.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assigned_to: Option<UserId>,
    /// Custom fields; those not named stay as they are.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "ts", ts(optional, as = "Option<Vec<CustomFieldInput>>"))]
    pub custom_fields: Vec<CustomFieldInput>,
}

/// The reply of an upsert.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct Upserted {
    /// Whether the contact is new; absent where GHL does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new: Option<bool>,
    /// The contact.
    pub contact: Contact,
}

impl<'de> Deserialize<'de> for Upserted {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Reply {
            new: Option<bool>,
            contact: Contact,
        }
        Reply::deserialize(deserializer).map(|Reply { new, contact }| Self { new, contact })
    }
}

/// The reply of a look for a duplicate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
pub struct DuplicateLookup {
    /// The contact with this e-mail or phone, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<Contact>,
}

/// The reply of adding or removing tags.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(rename = "ContactTags"))]
pub struct Tags {
    /// The tags as GHL returns them: those of the contact, or those of the request.
    pub tags: Vec<String>,
}

impl<'de> Deserialize<'de> for Tags {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let fields = Option::<Fields>::deserialize(deserializer)?;
        let tags = fields.map(|mut fields| fields.list::<_, D::Error>("tags")).transpose()?;
        Ok(Self { tags: tags.unwrap_or_default() })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        api::{FieldValue, testing::read},
        ids::CustomFieldId,
    };

    #[test]
    fn a_contact_is_read_and_nothing_of_it_lost() {
        let contact: Contact = read(
            r#"{"id":"con1","locationId":"loc1","firstName":"Zoë","lastName":"Müller","contactName":"Zoë Müller",
            "firstNameLowerCase":"zoë","email":"zoe@example.com","phone":"+4930","address1":"Hauptstr. 1",
            "city":"Berlin","state":null,"postalCode":10115,"country":"DE","tags":["vip"],
            "customFields":[{"id":"f1","value":"shipped"}],"dateAdded":"2021-07-16T11:39:30.564Z",
            "dateUpdated":"2021-07-16T13:39:30+02:00","dnd":false,"attributionSource":{"medium":"form"}}"#,
        );
        assert_eq!(contact.id, ContactId::new("con1"));
        assert_eq!(contact.location_id, Some(LocationId::new("loc1")));
        let texts = [&contact.first_name, &contact.last_name, &contact.name, &contact.email, &contact.phone];
        assert_eq!(
            texts.map(|text| text.as_deref().unwrap()),
            ["Zoë", "Müller", "Zoë Müller", "zoe@example.com", "+4930"]
        );
        let address =
            [&contact.address1, &contact.city, &contact.state, &contact.postal_code, &contact.country];
        assert_eq!(
            address.map(|text| text.as_deref()),
            [Some("Hauptstr. 1"), Some("Berlin"), None, Some("10115"), Some("DE")]
        );
        assert_eq!(contact.tags, ["vip"]);
        let field = CustomField { id: CustomFieldId::new("f1"), value: FieldValue::Text("shipped".into()) };
        assert_eq!(contact.custom_fields, [field]);
        assert_eq!(
            (contact.date_added_ms, contact.date_updated_ms),
            (Some(1_626_435_570_564), Some(1_626_435_570_000))
        );
        let extra =
            json!({"firstNameLowerCase": "zoë", "dnd": false, "attributionSource": {"medium": "form"}});
        assert_eq!(serde_json::Value::Object(contact.extra), extra);
    }

    #[test]
    fn all_but_the_id_may_be_missing_or_null() {
        let bare: Contact = read(r#"{"id":"con1"}"#);
        assert_eq!((bare.name, bare.tags.len(), bare.custom_fields.len(), bare.extra.len()), (None, 0, 0, 0));
        let null: Contact =
            read(r#"{"id":"con1","tags":null,"customFields":null,"email":null,"dateAdded":null}"#);
        assert_eq!((null.email, null.tags.len(), null.date_added_ms), (None, 0, None));
        for bad in [r#"{"name":"no id"}"#, r#"{"id":""}"#, r#"{"id":null}"#, "[]", "null"] {
            assert!(serde_json::from_str::<Contact>(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_broken_list_is_an_error_and_no_empty_list() {
        assert!(serde_json::from_str::<Contact>(r#"{"id":"c","tags":"vip"}"#).is_err());
        assert!(serde_json::from_str::<Contact>(r#"{"id":"c","customFields":[{"value":1}]}"#).is_err());
    }

    #[test]
    fn the_other_replies_are_read() {
        let upserted: Upserted = read(r#"{"new":true,"contact":{"id":"con1"},"traceId":"t"}"#);
        assert_eq!((upserted.new, upserted.contact.id.as_str()), (Some(true), "con1"));
        assert_eq!(read::<Upserted>(r#"{"contact":{"id":"con1"}}"#).new, None);
        for none in [r#"{"contact":null}"#, r#"{"traceId":"t"}"#, "{}"] {
            assert_eq!(read::<DuplicateLookup>(none).contact, None, "{none}");
        }
        let found: DuplicateLookup = read(r#"{"contact":{"id":"con1"}}"#);
        assert_eq!(found.contact.map(|contact| contact.id), Some(ContactId::new("con1")));
        assert_eq!(read::<Tags>(r#"{"tags":["a","b"],"tagsAdded":["b"]}"#).tags, ["a", "b"]);
        assert!(read::<Tags>("null").tags.is_empty());
    }
}
