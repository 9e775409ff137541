use serde_json::{Map, Value, json};

use crate::{
    documents::{BESIDE, PATH},
    vector::Vectors,
};

const AT: i64 = 1_800_000_000_000;
const AT_ISO: &str = "2027-01-15T08:00:00.000Z";

/// An order and what happens to it.
#[derive(Clone, Copy)]
struct Change<'a> {
    previous: Option<&'a str>,
    status: &'a str,
    manufacturing: Option<u32>,
    has_opportunity: bool,
    number: Option<&'a str>,
}

fn on_path(status: &str) -> Option<(&'static str, u8)> {
    PATH.iter().find(|(known, ..)| *known == status).map(|(_, key, progress, _)| (*key, *progress))
}

/// What becomes of the opportunity beside the path.
fn outcome(status: &str) -> Option<&'static str> {
    BESIDE.iter().find(|(known, ..)| *known == status).map(|(_, _, outcome)| *outcome)
}

impl Change<'_> {
    fn args(&self) -> Value {
        let mut order = Map::from_iter([("contactId".to_owned(), json!("con1"))]);
        order.extend(self.has_opportunity.then(|| ("opportunityId".to_owned(), json!("opp1"))));
        order.extend(self.previous.map(|previous| ("previousStatus".to_owned(), json!(previous))));
        order.extend(self.number.map(|number| ("orderNumber".to_owned(), json!(number))));
        let mut change = json!({ "status": self.status, "at": AT });
        if let Some(percent) = self.manufacturing {
            change["manufacturing"] = json!(percent);
        }
        json!({ "order": order, "change": change })
    }

    /// The card, the fields, the new tag, the old one: each only where there is something to write.
    fn commands(&self) -> Vec<Value> {
        let moved = self.previous != Some(self.status);
        let mut commands = Vec::new();
        commands.extend(self.card().filter(|_| moved && self.has_opportunity));
        if moved || self.manufacturing.is_some() {
            let fields = self.fields();
            commands.push(json!({ "type": "updateContact", "contactId": "con1", "customFields": fields }));
        }
        let tags = |kind: &str, status: &str| json!({ "type": kind, "contactId": "con1", "tags": [format!("status_{status}")] });
        if moved && on_path(self.status).is_some() {
            commands.push(tags("addTags", self.status));
        }
        // Beside the path an order has no tag; a status that is not known any more had one.
        commands.extend(
            self.previous
                .filter(|previous| moved && outcome(previous).is_none())
                .map(|previous| tags("removeTags", previous)),
        );
        commands
    }

    fn card(&self) -> Option<Value> {
        let mut card = json!({ "type": "updateOpportunity", "opportunityId": "opp1" });
        match (on_path(self.status), outcome(self.status)) {
            (Some((key, _)), _) => {
                card["stage"] = json!(key);
                // Only what was closed with the order is opened again.
                if self.previous.and_then(outcome) == Some("lost") {
                    card["status"] = json!("open");
                }
            }
            (_, Some("lost")) => card["status"] = json!("lost"),
            _ => return None,
        }
        Some(card)
    }

    fn fields(&self) -> Value {
        let mut fields = json!({ "order_status": self.status, "last_updated": AT_ISO });
        if let Some(percent) = self.manufacturing {
            fields["manufacturing_progress"] = json!(percent.to_string());
        }
        if let Some((_, progress)) = on_path(self.status) {
            // 50 percent of the way from 50 to 65 is 57.5.
            let halfway = self.status == "manufacturing" && self.manufacturing == Some(50);
            fields["progress_percentage"] =
                json!(if halfway { "58".to_owned() } else { progress.to_string() });
        }
        if let Some(number) = self.number {
            fields["order_number"] = json!(number);
        }
        fields
    }
}

pub(crate) fn generate(vectors: &mut Vectors) {
    let statuses: Vec<&str> =
        PATH.iter().map(|(status, ..)| *status).chain(BESIDE.iter().map(|(status, ..)| *status)).collect();
    let before = statuses.iter().copied().map(Some).chain([None, Some("forgotten")]);
    for previous in before {
        for status in &statuses {
            for (manufacturing, has_opportunity, number) in
                [(None, true, Some("A-1")), (Some(50), true, None), (None, false, Some("№ 7"))]
            {
                let change = Change { previous, status, manufacturing, has_opportunity, number };
                vectors.gives("orders.plan", change.args(), json!({ "commands": change.commands() }));
            }
        }
    }
    bad_input(vectors);
}

fn bad_input(vectors: &mut Vectors) {
    let order = || json!({ "contactId": "con1" });
    let change = || json!({ "status": "shipped", "at": AT });
    let with = |mut whole: Value, name: &str, value: Value| {
        whole[name] = value;
        whole
    };
    for (order, change, field) in [
        (json!({}), change(), "order.contactId"),
        (json!(["con1"]), change(), "order"),
        (with(order(), "contactId", json!("")), change(), "order.contactId"),
        (with(order(), "contactId", json!("a/b")), change(), "order.contactId"),
        (with(order(), "opportunityId", json!("a b")), change(), "order.opportunityId"),
        (with(order(), "previousStatus", json!("Shipped!")), change(), "order.previousStatus"),
        (with(order(), "orderNumber", json!("1".repeat(101))), change(), "order.orderNumber"),
        (with(order(), "orderNumber", json!(7)), change(), "order.orderNumber"),
        (with(order(), "status", json!("shipped")), change(), "order.status"),
        (order(), json!({}), "change.status"),
        (order(), json!({ "status": "shipped" }), "change.at"),
        (order(), json!([]), "change"),
        (order(), with(change(), "status", json!("paid")), "change.status"),
        (order(), with(change(), "manufacturing", json!(101)), "change.manufacturing"),
        (order(), with(change(), "manufacturing", json!(-1)), "change.manufacturing"),
        (order(), with(change(), "manufacturing", json!(0.5)), "change.manufacturing"),
        (order(), with(change(), "at", json!(i64::MAX)), "change.at"),
        (order(), with(change(), "at", json!("2027-01-15T08:00:00Z")), "change.at"),
    ] {
        let args = json!({ "order": order, "change": change });
        vectors.refuses("orders.plan", args, "invalid_argument", field);
    }
}
