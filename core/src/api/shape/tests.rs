//! The interpreter beside `serde`: whatever is read, both say the same of it.

use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use super::{Paging, Shape, Shaped, convert, node::Names};
use crate::{
    api::{
        CustomField, Filter, Sort, Succeeded,
        calendars::{
            AppointmentInput, BlockedSlot, Calendar, CalendarEvent, EventQuery, FreeSlots, NewAppointment,
            NoteQuery,
        },
        contacts::{
            self, BulkTags, Contact, ContactInput, ContactPage, ContactSearch, DuplicateLookup, NewNote,
            NewTask, Note, NoteInput, Tags, Task, TaskInput, TaskSearch, Upserted,
        },
        conversations::{Conversation, ConversationQuery, Message, MessageQuery, NewMessage, SentMessage},
        custom_fields::{CustomFieldDefinition, NewCustomField},
        custom_values::CustomValue,
        locations::{Location, LocationSearch},
        opportunities::{
            self, FilteredSearch, Followers, LostReason, LostReasonQuery, NewOpportunity, Opportunity,
            OpportunityInput, OpportunityPage, OpportunitySearch, OpportunityUpsert,
        },
        payments::{FulfilledItem, Fulfillment, PaymentOrder, PaymentOrderQuery, Tracking},
        pipelines::Pipeline,
        tags::Tag,
        users::{self, User, UserSearch},
    },
    json,
};

/// What may stand anywhere.
fn odd() -> Vec<Value> {
    let text = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    [
        "null",
        "true",
        "0",
        "-1",
        "7.50",
        "1e3",
        "90071992547409931",
        "\"\"",
        "\"x\"",
        "\"a b\"",
        "\"5\"",
        "[]",
        "{}",
    ]
    .into_iter()
    .chain([
        r#"["a",1]"#,
        r#"["a"]"#,
        r#"[null]"#,
        r#"{"id":"n"}"#,
        r#"[{"id":"n"}]"#,
        r#""2021-08-03T04:55:17.355Z""#,
    ])
    .chain([r#""won""#, r#""contact""#, r#"{"z":1,"a":[{"b":2.50}]}"#, r#""é\n\u0001""#])
    .map(text)
    .collect()
}

/// The JSON of a value, and of all that differ from it in one place.
fn variants(value: &Value) -> Vec<String> {
    let mut pointers = vec![String::new()];
    let mut at = 0;
    while let Some(pointer) = pointers.get(at).cloned() {
        at += 1;
        match value.pointer(&pointer).unwrap() {
            Value::Object(members) => pointers.extend(members.keys().map(|name| format!("{pointer}/{name}"))),
            Value::Array(items) => {
                pointers.extend((0..items.len()).map(|index| format!("{pointer}/{index}")))
            }
            _ => {}
        }
    }
    let mut all = vec![value.to_string()];
    for pointer in pointers {
        for odd in odd() {
            let mut changed = value.clone();
            *changed.pointer_mut(&pointer).unwrap() = odd;
            all.push(changed.to_string());
        }
        let mut changed = value.clone();
        let place = changed.pointer_mut(&pointer).unwrap();
        match place {
            Value::Object(members) => {
                members.insert("further".to_owned(), json!({ "b": 1, "a": 0.10 }));
                all.push(changed.to_string());
            }
            Value::Array(items) => {
                items.extend(items.clone());
                all.push(changed.to_string());
            }
            _ => {}
        }
        if let Some((parent, name)) = pointer.rsplit_once('/')
            && let Some(Value::Object(members)) = value.clone().pointer_mut(parent)
        {
            members.remove(name);
            let mut changed = value.clone();
            *changed.pointer_mut(parent).unwrap() = Value::Object(members.clone());
            all.push(changed.to_string());
        }
    }
    all
}

fn reply<T: Shaped + Serialize + DeserializeOwned>(samples: &[Value]) {
    let mut read = 0;
    for json in samples.iter().flat_map(variants) {
        let typed = serde_json::from_str::<T>(&json).map(|reply| serde_json::to_string(&reply).unwrap());
        let shaped = convert(&T::SHAPE, &json);
        read += usize::from(typed.is_ok());
        assert_eq!(shaped.ok(), typed.ok(), "{json}");
    }
    assert!(read > 4, "{read}");
}

#[test]
fn replies_are_read_alike() {
    let contact = json!({
        "id": "con1", "locationId": "loc1", "firstName": "Zoë", "lastName": null, "name": null,
        "contactName": "Zoë M", "email": "zoe@example.com", "phone": 4930, "postalCode": 10115, "country": "DE",
        "tags": ["vip"], "customFields": [{ "id": "f1", "value": 4999.00 }, { "id": "f2", "field_value": ["a"] }],
        "dateAdded": "2021-07-16T11:39:30.564Z", "dateUpdated": 1626435570000_u64, "dnd": false,
    });
    let opportunity = json!({
        "id": "opp1", "name": "Order #1", "contactId": null, "contact": { "id": "con1" }, "pipelineId": "pip1",
        "pipelineStageId": "sta1", "status": "frozen", "monetaryValue": 4999.00,
        "customFields": [{ "id": "f1", "fieldValueString": "x" }], "createdAt": null,
        "dateAdded": "2021-08-03T04:55:17.355Z", "updatedAt": "1627966517356",
    });
    reply::<Contact>(&[contact.clone(), json!({ "id": 7 })]);
    reply::<Upserted>(&[json!({ "new": true, "contact": contact, "traceId": "t" })]);
    reply::<DuplicateLookup>(&[json!({ "contact": contact }), json!({ "contact": null })]);
    reply::<Tags>(&[json!({ "tags": ["vip", "old"], "tagsAdded": ["vip"] })]);
    reply::<Succeeded>(&[json!({ "succeded": false }), json!({ "success": true, "succeeded": null })]);
    reply::<Opportunity>(&[opportunity]);
    let stages =
        json!([{ "id": "s2", "position": 1 }, { "id": "s1", "position": 0, "x": 1 }, { "id": "s0" }]);
    reply::<Vec<Pipeline>>(&[
        json!([{ "id": "p", "name": "Orders", "stages": stages, "showInFunnel": true }]),
    ]);
    let field =
        json!({ "id": "f", "name": "N", "fieldKey": "contact.n", "dataType": "TEXT", "model": "contact" });
    reply::<Vec<CustomFieldDefinition>>(&[json!([field])]);
    reply::<Vec<Tag>>(&[json!([{ "id": "t1", "name": "vip" }])]);
    reply::<Vec<User>>(&[json!([{ "id": "u", "name": "Ann", "email": "a@example.com", "deleted": false }])]);
    reply::<Location>(&[
        json!({ "id": "l", "companyId": "c", "settings": { "allowDuplicateContact": false } }),
    ]);
    reply::<CustomField>(&[json!({ "id": "f", "value": null, "fieldValue": { "u": { "url": "x" } } })]);
}

#[test]
fn replies_around_orders_are_read_alike() {
    let at = "2021-08-03T04:55:17.355Z";
    reply::<Note>(&[json!({ "id": "n", "body": "b", "userId": 7, "dateAdded": at, "pinned": false })]);
    reply::<Task>(&[
        json!({ "id": null, "_id": "t", "title": "T", "dueDate": at, "completed": true, "x": 1.50 }),
    ]);
    reply::<BulkTags>(&[json!({ "succeded": true, "errorCount": 0, "responses": [] })]);
    reply::<opportunities::Upserted>(&[json!({ "new": false, "opportunity": { "id": "o" } })]);
    reply::<Followers>(&[json!({ "followers": ["u"], "followersAdded": ["u"] })]);
    reply::<LostReason>(&[json!({ "_id": "l", "name": "Too dear" })]);
    reply::<Vec<Calendar>>(&[json!([{ "id": "c", "locationId": "l", "name": "N", "slotDuration": 30 }])]);
    reply::<FreeSlots>(&[json!({ "2026-10-25": { "slots": [at] }, "traceId": "t" })]);
    reply::<CalendarEvent>(&[
        json!({ "id": "e", "calendarId": "c", "appoinmentStatus": "new", "startTime": at }),
    ]);
    reply::<CustomValue>(&[json!({ "id": "v", "name": "N", "fieldKey": "k", "value": 4 })]);
    reply::<Conversation>(&[json!({ "id": "c", "contactId": "con1", "unreadCount": 2 })]);
    reply::<Message>(&[
        json!({ "id": "m", "body": "b", "direction": "inbound", "dateAdded": at, "type": 1 }),
    ]);
    reply::<SentMessage>(&[json!({ "messageId": "m", "conversationId": "c", "msg": "queued" })]);
    reply::<PaymentOrder>(&[
        json!({ "_id": "o", "contactId": "con1", "status": "completed", "amount": 4999.00 }),
    ]);
    reply::<Fulfillment>(&[json!({ "trackings": [{ "trackingNumber": "1" }] }), json!(null)]);
}

fn arguments<T: Shaped + Serialize + DeserializeOwned>(names: Names, samples: &[Value]) {
    let Shape::Input(input) = T::SHAPE else { panic!() };
    let mut read = 0;
    for json in samples.iter().flat_map(variants) {
        let typed = json::read::<T>(json.as_bytes(), "arguments", 1 << 20);
        let shaped = input.read(&json);
        match (shaped, typed) {
            (Ok(shaped), Ok(typed)) => {
                read += 1;
                assert_eq!(shaped.json(names), serde_json::to_string(&typed).unwrap(), "{json}");
            }
            (Err(shaped), Err(typed)) => {
                assert_eq!(
                    (shaped.code(), shaped.field()),
                    (typed.code(), typed.field()),
                    "{json}: {shaped} {typed}"
                );
            }
            (shaped, typed) => panic!("{json}: {shaped:?} {:?}", typed.map(|_| ())),
        }
    }
    assert!(read > 4, "{read}");
}

#[test]
fn arguments_are_taken_and_refused_alike() {
    let fields = json!([{ "id": "f1", "value": "x" }, { "key": "k", "value": 4999.00 }, { "name": "n", "value": null }]);
    let contact =
        json!({ "firstName": "Zoë", "email": "a@example.com", "assignedTo": "u", "customFields": fields });
    arguments::<ContactInput>(Names::Ghls, &[contact]);
    let filters = json!([
        { "field": "email", "operator": "exists" },
        { "group": "OR", "filters": [{ "field": "tags", "operator": "eq", "value": ["vip"] }] },
    ]);
    let sort = json!([{ "field": "dateUpdated", "direction": "desc" }]);
    let search = json!({ "query": "zoe", "filters": filters, "sort": sort, "pageLimit": 1, "page": 2 });
    arguments::<ContactSearch>(
        Names::Callers,
        &[search, json!({}), json!({ "searchAfter": [1, "x", 0.50] })],
    );
    arguments::<Filter>(Names::Ghls, &[filters[1].clone(), filters[0].clone()]);
    arguments::<Sort>(Names::Ghls, &[sort[0].clone()]);
    arguments::<FilteredSearch>(
        Names::Callers,
        &[json!({ "filters": filters, "limit": 1, "searchAfter": [1] })],
    );
    let new = json!({ "pipelineId": "p", "pipelineStageId": "s", "name": "n", "status": "open", "contactId": "c",
        "monetaryValue": 4999.00, "assignedTo": "u", "customFields": fields });
    arguments::<NewOpportunity>(Names::Ghls, &[new]);
    arguments::<OpportunityInput>(
        Names::Ghls,
        &[json!({ "pipelineStageId": "s", "monetaryValue": 1, "status": "won" })],
    );
    let after = json!({ "startAfter": "1", "startAfterId": "o" });
    arguments::<OpportunitySearch>(
        Names::Callers,
        &[json!({ "pipelineId": "p", "query": "x", "limit": 2, "after": after })],
    );
    arguments::<UserSearch>(Names::Ghls, &[json!({ "companyId": "c", "skip": 100 })]);
    arguments::<NewCustomField>(
        Names::Ghls,
        &[json!({ "name": "n", "dataType": "TEXT", "model": "contact", "placeholder": "p" })],
    );
}

#[test]
fn arguments_around_orders_are_taken_and_refused_alike() {
    let at = "2026-10-25T11:00:00+03:00";
    let note = json!({ "body": "b", "userId": "u", "title": "t", "color": "#fff", "pinned": true });
    arguments::<NewNote>(Names::Ghls, std::slice::from_ref(&note));
    arguments::<NoteInput>(Names::Ghls, &[note]);
    let task = json!({ "title": "t", "body": "b", "dueDate": at, "completed": true, "assignedTo": "u" });
    arguments::<NewTask>(Names::Ghls, &[task.clone(), json!({ "title": "t", "dueDate": at })]);
    arguments::<TaskInput>(Names::Ghls, &[task]);
    let appointment = json!({ "calendarId": "c", "contactId": "con1", "startTime": at, "endTime": at, "title": "t",
        "appointmentStatus": "confirmed", "assignedUserId": "u", "address": "a", "toNotify": false });
    arguments::<NewAppointment>(Names::Ghls, &[appointment]);
    arguments::<AppointmentInput>(
        Names::Ghls,
        &[json!({ "startTime": at, "ignoreFreeSlotValidation": true })],
    );
    arguments::<EventQuery>(Names::Callers, &[json!({ "startTime": 1, "endTime": 2, "groupId": "g" })]);
    arguments::<BlockedSlot>(
        Names::Ghls,
        &[json!({ "calendarId": "c", "startTime": at, "assignedUserId": "u" })],
    );
    arguments::<NoteQuery>(
        Names::Callers,
        &[json!({ "eventId": "e", "offset": 20 }), json!({ "eventId": "e" })],
    );
    let message = json!({ "type": "Email", "contactId": "con1", "html": "<p>", "emailCc": ["a@b.fi"],
        "scheduledTimestamp": 1_700_000_000 });
    arguments::<NewMessage>(Names::Ghls, &[message]);
    arguments::<ConversationQuery>(Names::Callers, &[json!({ "contactId": "con1", "limit": 5 })]);
    arguments::<MessageQuery>(Names::Callers, &[json!({ "conversationId": "c", "lastMessageId": "m" })]);
    let upsert =
        json!({ "pipelineId": "p", "contactId": "con1", "pipelineStageId": "s", "monetaryValue": 4999.00 });
    arguments::<OpportunityUpsert>(Names::Ghls, &[upsert]);
    arguments::<LostReasonQuery>(
        Names::Callers,
        &[json!({ "query": "q", "skip": 1, "limit": 2 }), json!({})],
    );
    arguments::<TaskSearch>(
        Names::Callers,
        &[json!({ "contacts": ["con1"], "completed": true, "assignedTo": ["u"], "skip": 1 }), json!({})],
    );
    arguments::<LocationSearch>(
        Names::Callers,
        &[json!({ "companyId": "c", "email": "a@b.fi", "skip": 10 })],
    );
    arguments::<PaymentOrderQuery>(Names::Callers, &[json!({ "offset": 1, "limit": 2 }), json!({})]);
    arguments::<Tracking>(Names::Ghls, &[json!({ "trackingNumber": "1", "shippingCarrier": "Posti" })]);
    arguments::<FulfilledItem>(Names::Ghls, &[json!({ "priceId": "p", "qty": 1 })]);
}

/// The items of a page, the arguments of the next, and the total, as the typed functions tell them.
type Typed<W, A> = fn(W, &A) -> (Value, Option<A>, Option<u64>);

/// Compares the pages of what was asked for with those that `typed` makes.
fn pages<A: Shaped + DeserializeOwned + Serialize, T: Shaped, W: DeserializeOwned>(
    paging: Paging,
    asked: &[Value],
    replies: &[Value],
    typed: Typed<W, A>,
) {
    let Shape::Input(input) = A::SHAPE else { panic!() };
    let mut more = 0;
    for asked in asked {
        let (text, terms) = (asked.to_string(), serde_json::from_value::<A>(asked.clone()).unwrap());
        let asked = input.read(&text).unwrap();
        for json in replies.iter().flat_map(variants) {
            let typed = serde_json::from_str::<W>(&json).ok().map(|wire| {
                let (items, next, total) = typed(wire, &terms);
                let mut page = json!({ "items": items });
                if let Some(next) = next {
                    more += 1;
                    page["next"] = serde_json::to_value(next).unwrap();
                }
                if let Some(total) = total {
                    page["total"] = total.into();
                }
                page
            });
            let shaped = paging.page(&<Vec<T>>::SHAPE, &json, &asked).ok();
            assert_eq!(
                shaped.map(|page| serde_json::from_str::<Value>(&page).unwrap()),
                typed,
                "{text} {json}"
            );
        }
    }
    assert!(more > 10, "{more}");
}

#[test]
fn pages_lead_to_the_same_next() {
    let found = json!({ "contacts": [{ "id": "a", "searchAfter": [1] }, { "id": "b", "searchAfter": [2, "b"] }], "total": 3 });
    pages::<ContactSearch, Contact, ContactPage>(
        contacts::search::PAGING,
        &[
            json!({ "pageLimit": 2 }),
            json!({ "pageLimit": 2, "searchAfter": [2, "b"] }),
            json!({ "pageLimit": 1, "page": 7 }),
            json!({}),
        ],
        std::slice::from_ref(&found),
        |wire, asked| (serde_json::to_value(&wire.contacts).unwrap(), wire.next(asked), wire.total),
    );
    let list = json!([{ "id": "a" }, { "id": "b" }]);
    let found =
        json!({ "opportunities": list, "meta": { "total": 9, "startAfter": [5, "x"], "startAfterId": "b" } });
    pages::<OpportunitySearch, Opportunity, OpportunityPage>(
        opportunities::search::PAGING,
        &[
            json!({ "limit": 2 }),
            json!({ "limit": 1, "after": { "startAfter": "5", "startAfterId": "b" } }),
            json!({}),
        ],
        std::slice::from_ref(&found),
        |wire, asked| (serde_json::to_value(&wire.opportunities).unwrap(), wire.next(asked), wire.total),
    );
    pages::<FilteredSearch, Opportunity, OpportunityPage>(
        opportunities::search::FILTERED_PAGING,
        &[json!({ "limit": 2 }), json!({ "limit": 2, "page": 5000 })],
        std::slice::from_ref(&found),
        |wire, asked| {
            (serde_json::to_value(&wire.opportunities).unwrap(), wire.next_filtered(asked), wire.total)
        },
    );
    let full: Vec<Value> = (0..100).map(|n| json!({ "id": format!("u{n}") })).collect();
    let found = Value::Array(full);
    let typed = serde_json::from_value::<Vec<User>>(found.clone()).unwrap();
    assert!(UserSearch { company_id: "c".to_owned().into(), skip: 5 }.next(typed.len()).is_some());
    let Shape::Input(input) = UserSearch::SHAPE else { panic!() };
    let asked = input.read(r#"{"companyId":"c","skip":5}"#).unwrap();
    let page = users::PAGING.page(&<Vec<User>>::SHAPE, &found.to_string(), &asked).unwrap();
    assert!(page.ends_with(r#"],"next":{"companyId":"c","skip":105}}"#), "{page}");
}
