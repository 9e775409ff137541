use serde_json::json;

use crate::{
    documents::{BESIDE, PATH},
    vector::Vectors,
};

fn place(status: &str) -> Option<usize> {
    PATH.iter().position(|(known, ..)| *known == status)
}

/// How a change moves an order; `None` where it may not.
fn moves(from: &str, to: &str, by_shop: bool, allow_backward: bool) -> Option<&'static str> {
    match (place(from), place(to)) {
        _ if from == to => Some("none"),
        (_, None) => Some("off_path"),
        (None, Some(_)) => by_shop.then_some("back_on_path"),
        (Some(from), Some(to)) if from < to => Some("forward"),
        // People in GHL may go back; the shop has to mean it.
        (Some(_), Some(_)) => (!by_shop || allow_backward).then_some("backward"),
    }
}

pub(crate) fn generate(vectors: &mut Vectors) {
    let statuses: Vec<&str> =
        PATH.iter().map(|(status, ..)| *status).chain(BESIDE.iter().map(|(status, ..)| *status)).collect();
    for from in statuses.iter().copied().chain(["forgotten"]) {
        for to in &statuses {
            for (side, allow_backward) in [("shop", false), ("shop", true), ("ghl", false), ("ghl", true)] {
                let args = json!({ "from": from, "to": to, "side": side, "allowBackward": allow_backward });
                match moves(from, to, side == "shop", allow_backward) {
                    Some(moves) => vectors.gives("transition", args, json!(moves)),
                    None => vectors.refuses("transition", args, "transition_refused", "status"),
                }
            }
        }
    }
    vectors.gives("transition", json!({ "from": "shipped", "to": "delivered" }), json!("forward"));
    vectors.refuses(
        "transition",
        json!({ "from": "delivered", "to": "shipped" }),
        "transition_refused",
        "status",
    );
    for to in ["paid", "", "Shipped", "shipped\n"] {
        vectors.refuses("transition", json!({ "from": "shipped", "to": to }), "invalid_argument", "to");
    }
    for from in ["", "Shipped", "in production", "2nd", "käsittely", &"x".repeat(51)] {
        vectors.refuses("transition", json!({ "from": from, "to": "shipped" }), "invalid_argument", "from");
    }
    vectors.gives("transition", json!({ "from": "x".repeat(50), "to": "shipped" }), json!("back_on_path"));
    own_model(vectors);
}

fn own_model(vectors: &mut Vectors) {
    let model = json!({
        "path": [
            { "status": "shipped", "progress": 0, "label": "Shipped" },
            { "status": "order_placed", "progress": 0, "label": "Placed" },
        ],
    });
    let args = json!({ "from": "shipped", "to": "order_placed", "model": model });
    vectors.gives("transition", args, json!("forward"));
    let args = json!({ "from": "order_placed", "to": "shipped", "model": model });
    vectors.refuses("transition", args, "transition_refused", "status");
    let args = json!({ "from": "order_placed", "to": "cancelled", "model": model });
    vectors.refuses("transition", args, "invalid_argument", "to");
}
