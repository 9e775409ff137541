use super::{called, refused};
use crate::{api::testing::Rig, testing::Step};

#[test]
fn an_unknown_operation_is_refused_with_the_known_ones() {
    for op in ["", "contacts", "contacts.Get", "contacts.get\n", "toString", "__proto__"] {
        let rig = Rig::new();
        let settled = called(&rig, op, "{}", "{}");
        assert_eq!(refused(&rig, &settled), "op", "{op:?}");
        assert!(settled.contains("contacts.get, contacts.update"), "{settled}");
    }
}

#[test]
fn arguments_that_do_not_fit_are_named() {
    let table = [
        ("contacts.get", "{}", "contactId"),
        ("contacts.get", "", "arguments"),
        ("contacts.get", "null", "arguments"),
        ("contacts.get", r#"["con1"]"#, "arguments"),
        ("contacts.get", r#"{"contactId":null}"#, "contactId"),
        ("contacts.get", r#"{"contactId":7}"#, "contactId"),
        ("contacts.get", r#"{"contactId":""}"#, "contactId"),
        ("contacts.get", r#"{"contactId":"../x"}"#, "contactId"),
        ("contacts.get", r#"{"contact_id":"con1"}"#, "contact_id"),
        ("contacts.get", r#"{"contactId":"con1","extra":1}"#, "extra"),
        ("contacts.get", r#"{"contactId":"con1","contactId":"con2"}"#, "contactId"),
        ("contacts.create", "{}", "contact"),
        ("contacts.create", r#"{"contact":[]}"#, "contact"),
        ("contacts.create", r#"{"contact":{"email":5}}"#, "contact.email"),
        ("contacts.create", r#"{"contact":{"tags":[]}}"#, "contact.tags"),
        ("contacts.create", r#"{"contact":{"assignedTo":"a b"}}"#, "contact.assignedTo"),
        ("contacts.create", r#"{"contact":{},"tags":"vip"}"#, "tags"),
        ("contacts.create", r#"{"contact":{},"tags":["vip",1]}"#, "tags[1]"),
        ("contacts.update", r#"{"contactId":"con1"}"#, "contact"),
        (
            "contacts.upsert",
            r#"{"contact":{"customFields":[{"id":"f1","fieldValue":"x"}]}}"#,
            "contact.customFields[0].fieldValue",
        ),
        (
            "contacts.upsert",
            r#"{"contact":{"customFields":[{"id":"f1","field_value":"x"}]}}"#,
            "contact.customFields[0].field_value",
        ),
        ("contacts.upsert", r#"{"contact":{"customFields":[{"value":"x"}]}}"#, "contact.customFields[0]"),
        ("contacts.upsert", r#"{"contact":{"customFields":[{"id":"f1"}]}}"#, "contact.customFields[0].value"),
        ("contacts.upsert", r#"{"contact":{"customFields":[["f1","k","x"]]}}"#, "contact.customFields[0]"),
        ("contacts.findDuplicate", "{}", "email"),
        ("contacts.search", "[]", "arguments"),
        ("contacts.search", r#"{"pageLimit":-1}"#, "pageLimit"),
        ("contacts.search", r#"{"position":{}}"#, "position"),
        ("contacts.search", r#"{"filters":[{"field":"email"}]}"#, "filters[0]"),
        (
            "contacts.search",
            r#"{"filters":[{"field":"email","operator":"is","value":1}]}"#,
            "filters[0].operator",
        ),
        (
            "contacts.search",
            r#"{"filters":[{"group":"AND","filters":[{"group":"XOR","filters":[]}]}]}"#,
            "filters[0].filters[0].group",
        ),
        ("contacts.search", r#"{"filters":[{"group":"AND","filters":[],"field":"x"}]}"#, "filters[0]"),
        ("contacts.search", r#"{"sort":[{"field":"x"}]}"#, "sort[0].direction"),
        ("contacts.addTags", r#"{"contactId":"con1"}"#, "tags"),
        ("opportunities.create", r#"{"opportunity":{"name":"x"}}"#, "opportunity.pipelineId"),
        (
            "opportunities.update",
            r#"{"opportunityId":"opp1","opportunity":{"monetaryValue":"5"}}"#,
            "opportunity.monetaryValue",
        ),
        (
            "opportunities.update",
            r#"{"opportunityId":"opp1","opportunity":{"stageId":"s"}}"#,
            "opportunity.stageId",
        ),
        ("opportunities.updateStatus", r#"{"opportunityId":"opp1","status":"frozen"}"#, "status"),
        ("opportunities.search", r#"{"after":{"startAfter":"1"}}"#, "after.startAfterId"),
        ("opportunities.search", r#"{"pipelineId":"a?b"}"#, "pipelineId"),
        ("pipelines.list", r#"{"locationId":"loc1"}"#, "locationId"),
        ("pipelines.list", "[]", "arguments"),
        ("customFields.list", "{}", "model"),
        ("customFields.create", r#"{"customField":{"name":"x","dataType":"TEXT"}}"#, "customField.model"),
        ("tags.create", r#"{"name":null}"#, "name"),
        ("users.search", "{}", "companyId"),
    ];
    for (op, args, field) in table {
        let rig = Rig::new();
        assert_eq!(refused(&rig, &called(&rig, op, args, "{}")), field, "{op} {args}");
    }
}

#[test]
fn a_reply_that_is_not_understood_is_an_error_without_its_text() {
    for reply in [
        r#"{"contact":{"email":"zoe@example.com"}}"#,
        r#"{"contact":"zoe@example.com"}"#,
        "zoe@example.com",
        "",
    ] {
        let rig = Rig::new();
        rig.transport.then(Step::reply(200, reply));
        let settled = called(&rig, "contacts.get", r#"{"contactId":"con1"}"#, "{}");
        assert!(settled.starts_with(r#"{"error":{"code":"unexpected_reply","#), "{settled}");
        assert!(settled.contains(r#""status":200"#) && !settled.contains("zoe@"), "{settled}");
    }
}
