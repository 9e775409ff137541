use serde::{Deserialize, Deserializer, Serialize};

use crate::{
    api::{CustomField, CustomFieldInput, Extra, fields::Fields},
    ids::{ContactId, LocationId, UserId},
};

/// A contact as GHL returns it. Texts are absent where GHL has none; times are epoch milliseconds in GHL's
/// clock.
#[derive(Debug, Clone, PartialEq)]
pub struct Contact {
    /// Its id.
    pub id: ContactId,
    /// The location it belongs to.
    pub location_id: Option<LocationId>,
    /// Given name.
    pub first_name: Option<String>,
    /// Family name.
    pub last_name: Option<String>,
    /// Full name.
    pub name: Option<String>,
    /// E-mail address, which GHL puts in lower case.
    pub email: Option<String>,
    /// Phone number in E.164.
    pub phone: Option<String>,
    /// Street and number.
    pub address1: Option<String>,
    /// City.
    pub city: Option<String>,
    /// State or region.
    pub state: Option<String>,
    /// Postal code.
    pub postal_code: Option<String>,
    /// Country, ISO 3166 alpha-2.
    pub country: Option<String>,
    /// Tags, which GHL puts in lower case.
    pub tags: Vec<String>,
    /// Custom fields that have a value.
    pub custom_fields: Vec<CustomField>,
    /// When it was created.
    pub date_added_ms: Option<i64>,
    /// When it was last changed.
    pub date_updated_ms: Option<i64>,
    /// Everything else.
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

/// What can be written of a contact; `None` leaves it as it is. Tags are missing on purpose: an update
/// would replace all of them, so they have requests of their own.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
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
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub custom_fields: Vec<CustomFieldInput>,
}

/// The reply of an upsert.
#[derive(Debug, Clone, PartialEq)]
pub struct Upserted {
    /// Whether the contact is new; absent where GHL does not say.
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
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct DuplicateLookup {
    /// The contact with this e-mail or phone, if there is one.
    #[serde(default)]
    pub contact: Option<Contact>,
}

/// The reply of adding or removing tags.
#[derive(Debug, Clone, PartialEq, Eq)]
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
