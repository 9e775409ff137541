use std::collections::BTreeSet;

use super::{called, contacts, line, resources};
use crate::{api::testing::Rig, ops::client_ops, testing::Step};

/// An operation, its arguments, the request, GHL's reply, and what is handed over.
pub(super) struct Row(
    pub(super) &'static str,
    pub(super) &'static str,
    pub(super) &'static str,
    pub(super) &'static str,
    pub(super) &'static str,
);

const ROWS: &[Row] = &[
    Row(
        "contacts.create",
        r#"{"contact":{"firstName":"Zoë","lastName":"M","name":"Zoë M","email":"zoe@example.com","phone":"+4930",
            "address1":"Weg 1","city":"Berlin","state":"BE","postalCode":"10115","country":"DE","source":"shop",
            "assignedTo":"usr1","customFields":[{"id":"f1","value":"x"},{"id":"f2","key":"k","value":4999.00},
            {"id":"f4","value":["a","b"]},{"id":"f3","value":null}]},"tags":["vip"]}"#,
        concat!(
            r#"POST /contacts/ {"locationId":"loc1","firstName":"Zoë","lastName":"M","name":"Zoë M","#,
            r#""email":"zoe@example.com","phone":"+4930","address1":"Weg 1","city":"Berlin","state":"BE","#,
            r#""postalCode":"10115","country":"DE","source":"shop","assignedTo":"usr1","customFields":["#,
            r#"{"id":"f1","field_value":"x"},{"id":"f2","key":"k","field_value":4999.00},"#,
            r#"{"id":"f4","field_value":["a","b"]},{"id":"f3","field_value":null}],"tags":["vip"]}"#,
        ),
        r#"{"contact":{"id":"con1"},"traceId":"t"}"#,
        r#"{"id":"con1","tags":[],"customFields":[]}"#,
    ),
    Row(
        "contacts.create",
        r#"{"contact":{}}"#,
        r#"POST /contacts/ {"locationId":"loc1"}"#,
        r#"{"id":"con1"}"#,
        r#"{"id":"con1","tags":[],"customFields":[]}"#,
    ),
    Row(
        "contacts.get",
        r#"{"contactId":"con1"}"#,
        "GET /contacts/con1",
        r#"{"contact":{"id":"con1","locationId":"loc1","firstName":"Zoë","lastName":null,"name":null,
            "contactName":"Zoë M","email":"zoe@example.com","phone":"+4930","address1":"Weg 1","city":"Berlin",
            "state":"BE","postalCode":10115,"country":"DE","tags":["vip"],"customFields":[{"id":"f1","value":4999.00},
            {"id":"f2","field_value":["a"]}],"dateAdded":"2021-07-16T11:39:30.564Z","dateUpdated":1626435570000,
            "dnd":false,"attributionSource":{"medium":"form"}}}"#,
        concat!(
            r#"{"id":"con1","locationId":"loc1","firstName":"Zoë","name":"Zoë M","email":"zoe@example.com","#,
            r#""phone":"+4930","address1":"Weg 1","city":"Berlin","state":"BE","postalCode":"10115","country":"DE","#,
            r#""tags":["vip"],"customFields":[{"id":"f1","value":4999.00},{"id":"f2","value":["a"]}],"#,
            r#""dateAddedMs":1626435570564,"dateUpdatedMs":1626435570000,"#,
            r#""attributionSource":{"medium":"form"},"dnd":false}"#,
        ),
    ),
    Row(
        "contacts.update",
        r#"{"contactId":"con1","contact":{"email":"a@example.com"}}"#,
        r#"PUT /contacts/con1 {"email":"a@example.com"}"#,
        r#"{"succeded":true,"contact":{"id":"con1","email":"a@example.com"}}"#,
        r#"{"id":"con1","email":"a@example.com","tags":[],"customFields":[]}"#,
    ),
    Row(
        "contacts.upsert",
        r#"{"contact":{"phone":"+4930"},"tags":["vip"],"gender":"x","companyName":"Kelo"}"#,
        r#"POST /contacts/upsert {"locationId":"loc1","phone":"+4930","tags":["vip"],"gender":"x","companyName":"Kelo"}"#,
        r#"{"new":true,"contact":{"id":"con1"},"traceId":"t"}"#,
        r#"{"new":true,"contact":{"id":"con1","tags":[],"customFields":[]}}"#,
    ),
    Row(
        "contacts.delete",
        r#"{"contactId":"con1"}"#,
        "DELETE /contacts/con1",
        r#"{"succeded":true}"#,
        r#"{"succeeded":true}"#,
    ),
    Row(
        "contacts.findDuplicate",
        r#"{"email":"a+b@example.com","phone":"+4930"}"#,
        "GET /contacts/search/duplicate?locationId=loc1&email=a%2Bb%40example.com&number=%2B4930",
        r#"{"contact":{"id":"con1"}}"#,
        r#"{"contact":{"id":"con1","tags":[],"customFields":[]}}"#,
    ),
    Row(
        "contacts.findDuplicate",
        r#"{"phone":"+4930"}"#,
        "GET /contacts/search/duplicate?locationId=loc1&number=%2B4930",
        r#"{"contact":null}"#,
        "{}",
    ),
    Row(
        "contacts.search",
        r#"{"query":"zoe","filters":[{"field":"email","operator":"exists"},{"group":"OR","filters":
            [{"field":"tags","operator":"eq","value":["vip"]}]}],"sort":[{"field":"dateUpdated","direction":"desc"}],
            "pageLimit":1}"#,
        concat!(
            r#"POST /contacts/search {"locationId":"loc1","query":"zoe","filters":[{"field":"email","#,
            r#""operator":"exists"},{"group":"OR","filters":[{"field":"tags","operator":"eq","value":["vip"]}]}],"#,
            r#""sort":[{"field":"dateUpdated","direction":"desc"}],"pageLimit":1}"#,
        ),
        r#"{"contacts":[{"id":"con1","searchAfter":[7,"con1"]}],"total":2,"traceId":"t"}"#,
        concat!(
            r#"{"items":[{"id":"con1","tags":[],"customFields":[],"searchAfter":[7,"con1"]}],"next":{"query":"zoe","#,
            r#""filters":[{"field":"email","operator":"exists"},{"group":"OR","filters":[{"field":"tags","#,
            r#""operator":"eq","value":["vip"]}]}],"sort":[{"field":"dateUpdated","direction":"desc"}],"pageLimit":1,"#,
            r#""searchAfter":[7,"con1"]},"total":2}"#,
        ),
    ),
    Row(
        "contacts.search",
        "{}",
        r#"POST /contacts/search {"locationId":"loc1","pageLimit":100}"#,
        r#"{"contacts":[]}"#,
        r#"{"items":[]}"#,
    ),
    Row(
        "contacts.addTags",
        r#"{"contactId":"con1","tags":["vip"]}"#,
        r#"POST /contacts/con1/tags {"tags":["vip"]}"#,
        r#"{"tags":["vip","old"],"tagsAdded":["vip"]}"#,
        r#"{"tags":["vip","old"]}"#,
    ),
    Row(
        "contacts.removeTags",
        r#"{"contactId":"con1","tags":["vip"]}"#,
        r#"DELETE /contacts/con1/tags {"tags":["vip"]}"#,
        r#"{"tags":["old"]}"#,
        r#"{"tags":["old"]}"#,
    ),
    Row(
        "opportunities.create",
        r#"{"opportunity":{"pipelineId":"pip1","pipelineStageId":"sta1","name":"Order #1","contactId":"con1",
            "monetaryValue":90071992547409931.10,"assignedTo":"usr1","customFields":[{"id":"f1","value":"pi_1"}]}}"#,
        concat!(
            r#"POST /opportunities/ {"locationId":"loc1","pipelineId":"pip1","pipelineStageId":"sta1","#,
            r#""name":"Order #1","status":"open","contactId":"con1","monetaryValue":90071992547409931.10,"#,
            r#""assignedTo":"usr1","customFields":[{"id":"f1","field_value":"pi_1"}]}"#,
        ),
        r#"{"opportunity":{"id":"opp1","status":"open","monetaryValue":90071992547409931.10}}"#,
        r#"{"id":"opp1","status":"open","monetaryValue":90071992547409931.10,"customFields":[]}"#,
    ),
    Row(
        "opportunities.get",
        r#"{"opportunityId":"opp1"}"#,
        "GET /opportunities/opp1",
        r#"{"opportunity":{"id":"opp1","locationId":"loc1","name":"Order #1","contactId":null,"contact":{"id":"con1"},
            "pipelineId":"pip1","pipelineStageId":"sta1","status":"frozen","monetaryValue":4999.00,"assignedTo":"usr1",
            "customFields":[{"id":"f1","fieldValueString":"x"}],"createdAt":"2021-08-03T04:55:17.355Z",
            "updatedAt":"2021-08-03T04:55:17.356Z","lastStageChangeAt":"2021-08-03T04:55:17.357Z",
            "lastStatusChangeAt":"2021-08-03T04:55:17.358Z"}}"#,
        concat!(
            r#"{"id":"opp1","locationId":"loc1","name":"Order #1","contactId":"con1","pipelineId":"pip1","#,
            r#""pipelineStageId":"sta1","monetaryValue":4999.00,"assignedTo":"usr1","#,
            r#""customFields":[{"id":"f1","value":"x"}],"createdAtMs":1627966517355,"updatedAtMs":1627966517356,"#,
            r#""lastStageChangeAtMs":1627966517357,"lastStatusChangeAtMs":1627966517358,"#,
            r#""contact":{"id":"con1"},"status":"frozen"}"#,
        ),
    ),
    Row(
        "opportunities.update",
        r#"{"opportunityId":"opp1","opportunity":{"pipelineStageId":"sta2","status":"won","monetaryValue":0.10}}"#,
        r#"PUT /opportunities/opp1 {"pipelineStageId":"sta2","status":"won","monetaryValue":0.10}"#,
        r#"{"opportunity":{"id":"opp1","pipelineStageId":"sta2","status":"won"}}"#,
        r#"{"id":"opp1","pipelineStageId":"sta2","status":"won","customFields":[]}"#,
    ),
    Row(
        "opportunities.updateStatus",
        r#"{"opportunityId":"opp1","status":"abandoned"}"#,
        r#"PUT /opportunities/opp1/status {"status":"abandoned"}"#,
        r#"{"succeded":true}"#,
        r#"{"succeeded":true}"#,
    ),
    Row(
        "opportunities.delete",
        r#"{"opportunityId":"opp1"}"#,
        "DELETE /opportunities/opp1",
        "",
        r#"{"succeeded":true}"#,
    ),
    Row(
        "opportunities.search",
        r#"{"pipelineId":"pip1","pipelineStageId":"sta1","contactId":"con1","assignedTo":"usr1","status":"open",
            "query":"Order #1","order":"added_asc","limit":1,"after":{"startAfter":"6","startAfterId":"opp0"}}"#,
        "GET /opportunities/search?location_id=loc1&pipeline_id=pip1&pipeline_stage_id=sta1&contact_id=con1\
            &assigned_to=usr1&status=open&q=Order+%231&order=added_asc&limit=1&startAfter=6&startAfterId=opp0",
        r#"{"opportunities":[{"id":"opp1"}],"meta":{"total":9,"startAfter":7,"startAfterId":"opp1"}}"#,
        concat!(
            r#"{"items":[{"id":"opp1","customFields":[]}],"next":{"pipelineId":"pip1","pipelineStageId":"sta1","#,
            r#""contactId":"con1","assignedTo":"usr1","status":"open","query":"Order #1","order":"added_asc","#,
            r#""limit":1,"after":{"startAfter":"7","startAfterId":"opp1"}},"total":9}"#,
        ),
    ),
    Row(
        "opportunities.search",
        "{}",
        "GET /opportunities/search?location_id=loc1&limit=100&status=all",
        r#"{"opportunities":[]}"#,
        r#"{"items":[]}"#,
    ),
    Row(
        "opportunities.searchFiltered",
        r#"{"filters":[{"field":"name","operator":"eq","value":"x"}],"limit":1,"page":2}"#,
        concat!(
            r#"POST /opportunities/search {"locationId":"loc1","#,
            r#""filters":[{"field":"name","operator":"eq","value":"x"}],"limit":1,"page":2}"#,
        ),
        r#"{"opportunities":[{"id":"opp1"}],"total":3}"#,
        concat!(
            r#"{"items":[{"id":"opp1","customFields":[]}],"#,
            r#""next":{"filters":[{"field":"name","operator":"eq","value":"x"}],"limit":1,"page":3},"total":3}"#,
        ),
    ),
    Row(
        "pipelines.list",
        "{}",
        "GET /opportunities/pipelines?locationId=loc1",
        r#"{"pipelines":[{"id":"pip1","name":"Orders","stages":[{"id":"s2","name":"B","position":1},
            {"id":"s1","name":"A","position":0,"showInPieChart":true}],"showInFunnel":true}]}"#,
        concat!(
            r#"[{"id":"pip1","name":"Orders","stages":[{"id":"s1","name":"A","position":0,"showInPieChart":true},"#,
            r#"{"id":"s2","name":"B","position":1}],"showInFunnel":true}]"#,
        ),
    ),
    Row(
        "customFields.list",
        r#"{"model":"opportunity"}"#,
        "GET /locations/loc1/customFields?model=opportunity",
        r#"{"customFields":[{"id":"f1","name":"N","fieldKey":"opportunity.n","dataType":"TEXT","model":"opportunity",
            "picklistOptions":[]}]}"#,
        concat!(
            r#"[{"id":"f1","name":"N","fieldKey":"opportunity.n","dataType":"TEXT","model":"opportunity","#,
            r#""picklistOptions":[]}]"#,
        ),
    ),
    Row(
        "customFields.create",
        r#"{"customField":{"name":"N","dataType":"TEXT","model":"contact","placeholder":"p"}}"#,
        r#"POST /locations/loc1/customFields {"name":"N","dataType":"TEXT","model":"contact","placeholder":"p"}"#,
        r#"{"customField":{"id":"f1","name":"N"}}"#,
        r#"{"id":"f1","name":"N"}"#,
    ),
    Row(
        "tags.list",
        "{}",
        "GET /locations/loc1/tags",
        r#"{"tags":[{"id":"t1","name":"vip","locationId":"loc1"}]}"#,
        r#"[{"id":"t1","name":"vip","locationId":"loc1"}]"#,
    ),
    Row(
        "tags.create",
        r#"{"name":"vip"}"#,
        r#"POST /locations/loc1/tags {"name":"vip"}"#,
        r#"{"tag":{"id":"t1","name":"vip"}}"#,
        r#"{"id":"t1","name":"vip"}"#,
    ),
    Row(
        "users.search",
        r#"{"companyId":"com1","skip":100}"#,
        "GET /users/search?locationId=loc1&companyId=com1&skip=100&limit=100",
        r#"{"users":[{"id":"usr1","name":"Ann","email":"ann@example.com","deleted":false}],"count":1}"#,
        r#"{"items":[{"id":"usr1","name":"Ann","email":"ann@example.com","deleted":false}]}"#,
    ),
    Row(
        "locations.get",
        "{}",
        "GET /locations/loc1",
        r#"{"location":{"id":"loc1","companyId":"com1","name":"Shop","timezone":"US/Central",
            "settings":{"allowDuplicateContact":false,"other":1},"domain":""}}"#,
        concat!(
            r#"{"id":"loc1","companyId":"com1","name":"Shop","timezone":"US/Central","domain":"","#,
            r#""settings":{"allowDuplicateContact":false,"other":1}}"#,
        ),
    ),
];

pub(super) fn rows() -> impl Iterator<Item = &'static Row> {
    ROWS.iter().chain(contacts::ROWS).chain(resources::ROWS)
}

#[test]
fn each_operation_sends_its_request_and_hands_over_the_reply() {
    for Row(op, args, request, reply, handed_over) in rows() {
        let rig = Rig::new();
        rig.transport.then(Step::reply(200, *reply));
        let settled = called(&rig, op, args, "{}");
        let sent = rig.transport.sent();
        assert_eq!(sent.iter().map(line).collect::<Vec<_>>(), [*request], "{op} {args}: {settled}");
        assert_eq!(settled, format!(r#"{{"ok":{handed_over}}}"#), "{op}");
    }
}

#[test]
fn no_operation_is_left_out() {
    // What is no route of its own has tests of its own.
    let of_several = ["orders.push", "request"];
    let tested: BTreeSet<&str> = rows().map(|row| row.0).chain(of_several).collect();
    assert_eq!(tested, client_ops().into_iter().collect());
    assert_eq!(client_ops().len(), tested.len(), "a name stands for one operation");
}

/// What the documentation says of an operation's route is what is sent.
#[cfg(feature = "ts")]
#[test]
fn the_documented_route_is_the_one_that_is_taken() {
    let ids = [("{contactId}", "con1"), ("{opportunityId}", "opp1"), ("{locationId}", "loc1")];
    let ids = ids.into_iter().chain([("{noteId}", "note1"), ("{taskId}", "task1"), ("{workflowId}", "wf1")]);
    let ids = ids.chain([("{calendarId}", "cal1"), ("{customFieldId}", "f1"), ("{customValueId}", "cv1")]);
    let ids = ids.chain([("{tagId}", "t1"), ("{userId}", "usr1"), ("{conversationId}", "cnv1")]);
    let ids = ids.chain([("{messageId}", "msg1"), ("{emailMessageId}", "eml1"), ("{paymentOrderId}", "po1")]);
    for page in super::super::pages().into_iter().filter(|page| (page.route)() != "function") {
        let event =
            if page.name.contains("lot") || page.name == "calendars.deleteEvent" { "evt2" } else { "evt1" };
        let ids = ids.clone().chain([("{eventId}", event)]);
        let route = ids.fold((page.route)(), |route, (name, id)| route.replace(name, id));
        let row = rows().find(|row| row.0 == page.name).unwrap();
        let taken: Vec<&str> = row.2.split([' ', '?']).take(2).collect();
        assert_eq!(taken.join(" "), route, "{}", page.name);
    }
}

#[test]
fn users_are_paged_by_how_many_to_pass_over() {
    let rig = Rig::new();
    let users: Vec<String> = (0..100).map(|n| format!(r#"{{"id":"u{n}"}}"#)).collect();
    rig.transport.then(Step::reply(200, format!(r#"{{"users":[{}]}}"#, users.join(","))));
    let settled = called(&rig, "users.search", r#"{"companyId":"com1"}"#, "{}");
    assert!(settled.ends_with(r#"],"next":{"companyId":"com1","skip":100}}}"#), "{settled}");
}

#[test]
fn the_next_page_is_asked_for_with_what_came_with_the_page() {
    let rig = Rig::new();
    rig.transport.then(Step::reply(200, r#"{"contacts":[{"id":"a","searchAfter":[1]}],"total":2}"#));
    rig.transport.then(Step::reply(200, r#"{"contacts":[],"total":2}"#));
    let first = called(&rig, "contacts.search", r#"{"pageLimit":1}"#, "{}");
    let first: serde_json::Value = serde_json::from_str(&first).unwrap();
    let next = first["ok"]["next"].to_string();
    assert_eq!(called(&rig, "contacts.search", &next, "{}"), r#"{"ok":{"items":[],"total":2}}"#);
    assert_eq!(
        line(&rig.transport.sent()[1]),
        r#"POST /contacts/search {"locationId":"loc1","pageLimit":1,"searchAfter":[1]}"#
    );
}
