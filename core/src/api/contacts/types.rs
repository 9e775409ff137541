use super::{DndSettings, DndSettingsInput, InboundDndSettings};
use crate::{
    api::{
        CustomField, CustomFieldInput,
        shape::{input, reply},
    },
    ids::{ContactId, LocationId, UserId},
};

reply! {
    /// A contact as GHL returns it. Texts are absent where GHL has none; times are epoch milliseconds in GHL's
    /// clock.
    pub struct Contact {
        /// Its id.
        pub id: ContactId = need,
        /// The location it belongs to.
        pub location_id: Option<LocationId> = text,
        /// Given name.
        pub first_name: Option<String> = text,
        /// Family name.
        pub last_name: Option<String> = text,
        /// Full name.
        pub name: Option<String> = text("name", "contactName"),
        /// E-mail address, which GHL puts in lower case.
        pub email: Option<String> = text,
        /// Phone number in E.164.
        pub phone: Option<String> = text,
        /// Street and number.
        pub address1: Option<String> = text,
        /// City.
        pub city: Option<String> = text,
        /// State or region.
        pub state: Option<String> = text,
        /// Postal code.
        pub postal_code: Option<String> = text,
        /// Country, ISO 3166 alpha-2.
        pub country: Option<String> = text,
        /// Which channels must not be used.
        pub dnd_settings: Option<DndSettings> = take,
        /// Tags, which GHL puts in lower case.
        pub tags: Vec<String> = list,
        /// Custom fields that have a value.
        pub custom_fields: Vec<CustomField> = list,
        /// When it was created.
        pub date_added_ms: Option<i64> = time("dateAdded"),
        /// When it was last changed.
        pub date_updated_ms: Option<i64> = time("dateUpdated"),
        ..extra
    }
}

input! {
    /// What can be written of a contact; what is absent stays as it is. Tags are missing on purpose: an update
    /// would replace all of them, so they have requests of their own.
    #[derive(Default)]
    pub struct ContactInput {
        /// Given name.
        pub first_name: Option<String>,
        /// Family name.
        pub last_name: Option<String>,
        /// Full name, where it is not known in parts.
        pub name: Option<String>,
        /// E-mail address.
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
        /// Web page.
        pub website: Option<String>,
        /// Time zone, e.g. `Europe/Helsinki`.
        pub timezone: Option<String>,
        /// Date of birth, e.g. `1990-09-25`.
        pub date_of_birth: Option<String>,
        /// Whether no channel may be used at all.
        pub dnd: Option<bool>,
        /// Which channels must not be used.
        pub dnd_settings: Option<DndSettingsInput>,
        /// Whether the contact's own messages are refused.
        pub inbound_dnd_settings: Option<InboundDndSettings>,
        /// Where the contact came from.
        pub source: Option<String>,
        /// The employee in charge.
        pub assigned_to: Option<UserId>,
        /// Custom fields; those not named stay as they are.
        pub custom_fields: Vec<CustomFieldInput> = [],
    }
}

reply! {
    /// The reply of an upsert.
    pub struct Upserted {
        /// Whether the contact is new; absent where GHL does not say.
        pub new: Option<bool> = take,
        /// The contact.
        pub contact: Contact = whole,
    }
}

reply! {
    /// The reply of a look for a duplicate.
    pub struct DuplicateLookup {
        /// The contact with this e-mail or phone, if there is one.
        pub contact: Option<Contact> = maybe,
    }
}

reply! {
    /// The reply of adding or removing tags.
    #[cfg_attr(feature = "ts", ts(rename = "ContactTags"))]
    #[derive(Eq)]
    pub struct Tags or null {
        /// The tags as GHL returns them: those of the contact, or those of the request.
        pub tags: Vec<String> = list,
    }
}

reply! {
    /// The reply of changing the tags of several contacts.
    pub struct BulkTags {
        /// Whether GHL says that it did.
        pub succeeded: bool = or_yes("succeeded", "succeded"),
        /// How many contacts were left as they are.
        pub error_count: Option<i64> = take,
        ..extra
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
