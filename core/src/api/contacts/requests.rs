use serde::Serialize;

use super::{
    BulkTags, Contact, ContactInput, ContactList, ContactPage, ContactSearch, DuplicateLookup, Tags,
    Upserted, dnd,
};
use crate::{
    api::{Succeeded, calendars::CalendarEvent, custom_value, named_fields::OF_CONTACT, shape},
    client::{ApiRequest, Endpoint, Look, Renamed},
    ids::{ContactId, LocationId, WorkflowId},
};

const RENAMED: &[Renamed] = &{
    let [call, email, sms, whats_app, gmb, fb] = dnd::RENAMED;
    [custom_value::RENAMED, call, email, sms, whats_app, gmb, fb]
};

pub(crate) const CREATE: Endpoint = Endpoint::post("/contacts/")
    .location_in_body()
    .inside("contact")
    .renamed(RENAMED)
    .prepared_by(OF_CONTACT)
    .found_by(&Look {
        route: Some(FIND_DUPLICATE),
        by: &[&[("email", "email")], &[("phone", "number")]],
        found: "contact",
        same: &[],
        made: &["dateAdded"],
    });
pub(crate) const GET: Endpoint = Endpoint::get("/contacts/{contactId}").inside("contact");
pub(crate) const UPDATE: Endpoint =
    Endpoint::put("/contacts/{contactId}").inside("contact").renamed(RENAMED).prepared_by(OF_CONTACT);
/// As often as it is sent, there is one contact with the e-mail or phone, unless another is asked for.
pub(crate) const UPSERT: Endpoint = Endpoint::post("/contacts/upsert")
    .location_in_body()
    .renamed(RENAMED)
    .prepared_by(OF_CONTACT)
    .safe_to_repeat()
    .once_with("createNewIfDuplicateAllowed");
pub(crate) const DELETE: Endpoint = Endpoint::delete("/contacts/{contactId}");
pub(crate) const FIND_DUPLICATE: Endpoint =
    Endpoint::get("/contacts/search/duplicate").location_in_query("locationId");
pub(crate) const SEARCH: Endpoint = Endpoint::post("/contacts/search").location_in_body().safe_to_repeat();
pub(crate) const LIST: Endpoint = Endpoint::get("/contacts/").location_in_query("locationId").by_date();
pub(crate) const ADD_TAGS: Endpoint = Endpoint::post("/contacts/{contactId}/tags").safe_to_repeat();
pub(crate) const ADD_TAGS_TO_ALL: Endpoint =
    Endpoint::post("/contacts/bulk/tags/update/add").location_in_body().safe_to_repeat();
pub(crate) const REMOVE_TAGS_OF_ALL: Endpoint =
    Endpoint::post("/contacts/bulk/tags/update/remove").location_in_body().safe_to_repeat();
pub(crate) const APPOINTMENTS: Endpoint =
    Endpoint::get("/contacts/{contactId}/appointments").inside("events");
pub(crate) const ADD_TO_WORKFLOW: Endpoint = Endpoint::post("/contacts/{contactId}/workflow/{workflowId}");
pub(crate) const REMOVE_FROM_WORKFLOW: Endpoint =
    Endpoint::delete("/contacts/{contactId}/workflow/{workflowId}");
pub(crate) const REMOVE_TAGS: Endpoint = Endpoint::delete("/contacts/{contactId}/tags");

#[derive(Serialize)]
struct TagList<'a> {
    tags: &'a [String],
}

/// Creates a contact: `POST /contacts/`. Where the location forbids duplicates, GHL answers `duplicate` and
/// names the contact that has the e-mail or phone. After a lost reply it is looked for by one of these.
pub fn create(location: &LocationId, input: &ContactInput, tags: &[String]) -> ApiRequest<Contact> {
    let request = CREATE.of(location, &[]).with_json(input);
    if tags.is_empty() { request } else { request.with_json(&TagList { tags }) }
}

/// Reads a contact: `GET /contacts/{id}`.
pub fn get(id: &ContactId) -> ApiRequest<Contact> {
    GET.at(&[id.as_str()])
}

/// Changes a contact: `PUT /contacts/{id}`.
pub fn update(id: &ContactId, input: &ContactInput) -> ApiRequest<Contact> {
    UPDATE.at(&[id.as_str()]).with_json(input)
}

/// Updates the contact with this e-mail or phone, or creates one: `POST /contacts/upsert`. Which of the two
/// fields counts is a setting of the location; where they point to two contacts, GHL updates the first and
/// drops the other field without a word.
pub fn upsert(location: &LocationId, input: &ContactInput) -> ApiRequest<Upserted> {
    UPSERT.of(location, &[]).with_json(input)
}

/// Deletes a contact: `DELETE /contacts/{id}`.
pub fn delete(id: &ContactId) -> ApiRequest<Succeeded> {
    DELETE.at(&[id.as_str()])
}

/// Looks for the contact with this e-mail or phone: `GET /contacts/search/duplicate`.
pub fn find_duplicate(
    location: &LocationId,
    email: Option<&str>,
    phone: Option<&str>,
) -> ApiRequest<DuplicateLookup> {
    FIND_DUPLICATE.of(location, &[]).with_query_if("email", email).with_query_if("number", phone)
}

/// A page of contacts: `POST /contacts/search`. The index lags a few seconds behind.
pub fn search(location: &LocationId, search: &ContactSearch) -> ApiRequest<ContactPage> {
    SEARCH.of(location, &[]).with_json(search)
}

/// Adds tags and leaves the others: `POST /contacts/{id}/tags`. A tag twice is a tag once, so a lost reply
/// may be followed by a retry.
pub fn add_tags(id: &ContactId, tags: &[String]) -> ApiRequest<Tags> {
    ADD_TAGS.at(&[id.as_str()]).with_json(&TagList { tags })
}

/// Removes tags and leaves the others: `DELETE /contacts/{id}/tags`, with a body.
pub fn remove_tags(id: &ContactId, tags: &[String]) -> ApiRequest<Tags> {
    REMOVE_TAGS.at(&[id.as_str()]).with_json(&TagList { tags })
}

/// A page of contacts: `GET /contacts/`, which GHL means to end: use [`search`].
pub fn list(location: &LocationId, list: &ContactList) -> ApiRequest<ContactPage> {
    shape::searched(&LIST, location, list)
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TagsOfAll<'a> {
    contacts: &'a [ContactId],
    tags: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    remove_all_tags: Option<bool>,
}

/// Adds tags to several contacts and leaves the others: `POST /contacts/bulk/tags/update/add`.
pub fn add_tags_to_all(
    location: &LocationId,
    contacts: &[ContactId],
    tags: &[String],
) -> ApiRequest<BulkTags> {
    ADD_TAGS_TO_ALL.of(location, &[]).with_json(&TagsOfAll { contacts, tags, remove_all_tags: None })
}

/// Removes tags of several contacts, or all they have, whatever the list says: `POST /contacts/bulk/tags/update/remove`.
pub fn remove_tags_of_all(
    location: &LocationId,
    contacts: &[ContactId],
    tags: &[String],
    all: bool,
) -> ApiRequest<BulkTags> {
    let remove_all_tags = all.then_some(true);
    REMOVE_TAGS_OF_ALL.of(location, &[]).with_json(&TagsOfAll { contacts, tags, remove_all_tags })
}

/// The appointments of a contact: `GET /contacts/{id}/appointments`.
pub fn appointments(id: &ContactId) -> ApiRequest<Vec<CalendarEvent>> {
    APPOINTMENTS.at(&[id.as_str()])
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct InWorkflow<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    event_start_time: Option<&'a str>,
}

/// Adds a contact to a workflow: `POST /contacts/{id}/workflow/{workflowId}`. `event_start_time` is when the event takes place
/// that the workflow is about, in ISO 8601 with an offset.
pub fn add_to_workflow(
    id: &ContactId,
    workflow: &WorkflowId,
    event_start_time: Option<&str>,
) -> ApiRequest<Succeeded> {
    ADD_TO_WORKFLOW.at(&[id.as_str(), workflow.as_str()]).with_json(&InWorkflow { event_start_time })
}

/// Removes a contact from a workflow: `DELETE /contacts/{id}/workflow/{workflowId}`, with a body.
pub fn remove_from_workflow(
    id: &ContactId,
    workflow: &WorkflowId,
    event_start_time: Option<&str>,
) -> ApiRequest<Succeeded> {
    REMOVE_FROM_WORKFLOW.at(&[id.as_str(), workflow.as_str()]).with_json(&InWorkflow { event_start_time })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        api::contacts::{DndSettingInput, DndSettingsInput, DndStatus, InboundDndSettings},
        api::{CustomFieldInput, Direction, ExactNumber, FieldValue, Filter, Sort, testing::line},
        ids::{CustomFieldId, UserId},
    };

    fn location() -> LocationId {
        LocationId::new("loc1")
    }

    fn id() -> ContactId {
        ContactId::new("con1")
    }

    fn all_fields() -> ContactInput {
        let text = |text: &str| Some(text.to_owned());
        ContactInput {
            first_name: text("Zoë"),
            last_name: text("Müller"),
            name: text("Zoë Müller"),
            email: text("zoe@example.com"),
            phone: text("+4930123456"),
            address1: text("Hauptstr. 1"),
            city: text("Berlin"),
            state: text("BE"),
            postal_code: text("10115"),
            country: text("DE"),
            website: text("https://example.com"),
            timezone: text("Europe/Berlin"),
            date_of_birth: text("1990-09-25"),
            dnd: Some(false),
            dnd_settings: Some(DndSettingsInput {
                sms: Some(DndSettingInput { status: DndStatus::Active, message: text("no"), code: None }),
                ..DndSettingsInput::default()
            }),
            inbound_dnd_settings: Some(InboundDndSettings::default()),
            source: text("shop"),
            assigned_to: Some(UserId::new("usr1")),
            custom_fields: vec![
                CustomFieldInput::new(CustomFieldId::new("f1"), "INV-1"),
                CustomFieldInput {
                    id: Some(CustomFieldId::new("f2")),
                    key: text("order_total"),
                    name: None,
                    value: ExactNumber::parse("total", "4999.00").unwrap().into(),
                },
                CustomFieldInput::new(
                    CustomFieldId::new("f3"),
                    FieldValue::List(vec!["a".into(), "b".into()]),
                ),
            ],
        }
    }

    const ALL_FIELDS: &str = concat!(
        r#""firstName":"Zoë","lastName":"Müller","name":"Zoë Müller","email":"zoe@example.com","#,
        r#""phone":"+4930123456","address1":"Hauptstr. 1","city":"Berlin","state":"BE","postalCode":"10115","#,
        r#""country":"DE","website":"https://example.com","timezone":"Europe/Berlin","dateOfBirth":"1990-09-25","#,
        r#""dnd":false,"dndSettings":{"SMS":{"status":"active","message":"no"}},"inboundDndSettings":{},"#,
        r#""source":"shop","assignedTo":"usr1","customFields":[{"id":"f1","field_value":"INV-1"},"#,
        r#"{"id":"f2","key":"order_total","field_value":4999.00},{"id":"f3","field_value":["a","b"]}]"#,
    );

    #[test]
    fn create_names_location_and_tags() {
        let request = create(&location(), &all_fields(), &["status_order_placed".into()]);
        let expected = format!(
            r#"POST /contacts/ - 2021-07-28 once {{"locationId":"loc1",{ALL_FIELDS},"tags":["status_order_placed"]}}"#
        );
        assert_eq!(line(&request), expected);
        let request = create(&location(), &ContactInput::default(), &[]);
        assert_eq!(line(&request), r#"POST /contacts/ - 2021-07-28 once {"locationId":"loc1"}"#);
    }

    #[test]
    fn update_names_neither_location_nor_tags() {
        let expected = format!("PUT /contacts/con1 - 2021-07-28 repeatable {{{ALL_FIELDS}}}");
        assert_eq!(line(&update(&id(), &all_fields())), expected);
        let request = update(&id(), &ContactInput::default());
        assert_eq!(line(&request), "PUT /contacts/con1 - 2021-07-28 repeatable {}");
    }

    #[test]
    fn upsert_names_the_location_but_no_tags() {
        let expected =
            format!(r#"POST /contacts/upsert - 2021-07-28 repeatable {{"locationId":"loc1",{ALL_FIELDS}}}"#);
        assert_eq!(line(&upsert(&location(), &all_fields())), expected);
    }

    #[test]
    fn reads_and_deletes_have_no_body() {
        assert_eq!(line(&get(&id())), "GET /contacts/con1 - 2021-07-28 repeatable -");
        assert_eq!(line(&delete(&id())), "DELETE /contacts/con1 - 2021-07-28 repeatable -");
    }

    #[test]
    fn a_look_for_duplicates_encodes_the_plus() {
        let request = find_duplicate(&location(), Some("a+b@example.com"), Some("+4930"));
        let query = "locationId=loc1&email=a%2Bb%40example.com&number=%2B4930";
        assert_eq!(line(&request), format!("GET /contacts/search/duplicate {query} 2021-07-28 repeatable -"));
        let request = find_duplicate(&location(), None, Some("1"));
        assert_eq!(request.query_string(), "locationId=loc1&number=1");
    }

    #[test]
    fn tags_travel_in_a_body_both_ways() {
        let tags = ["status_shipped".to_owned(), "vip".to_owned()];
        let body = r#"{"tags":["status_shipped","vip"]}"#;
        let added = format!("POST /contacts/con1/tags - 2021-07-28 repeatable {body}");
        let removed = format!("DELETE /contacts/con1/tags - 2021-07-28 repeatable {body}");
        assert_eq!(line(&add_tags(&id(), &tags)), added);
        assert_eq!(line(&remove_tags(&id(), &tags)), removed);
    }

    #[test]
    fn a_search_says_only_what_it_wants() {
        let request = search(&location(), &ContactSearch::default());
        let head = "POST /contacts/search - 2021-07-28 repeatable";
        assert_eq!(line(&request), format!(r#"{head} {{"locationId":"loc1","pageLimit":100}}"#));
        let full = ContactSearch {
            query: Some("zoe".into()),
            filters: vec![Filter::eq("email", "zoe@example.com")],
            sort: vec![Sort { field: "dateUpdated".into(), direction: Direction::Desc }],
            page_limit: 2,
            page: None,
            search_after: vec![1_700_000_000_000_i64.into(), "con9".into()],
        };
        let body = concat!(
            r#"{"locationId":"loc1","query":"zoe","#,
            r#""filters":[{"field":"email","operator":"eq","value":"zoe@example.com"}],"#,
            r#""sort":[{"field":"dateUpdated","direction":"desc"}],"pageLimit":2,"#,
            r#""searchAfter":[1700000000000,"con9"]}"#
        );
        assert_eq!(line(&search(&location(), &full)), format!("{head} {body}"));
    }
}
