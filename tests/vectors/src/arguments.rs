use crate::vector::Vectors;

/// Each function, and arguments that it takes.
const FUNCTIONS: &[(&str, &str)] = &[
    ("errors.codes", "{}"),
    ("milestones.crossed", r#"{"last":0,"now":100}"#),
    ("model.describe", "{}"),
    ("order.check", r#"{"order":{}}"#),
    ("orders.plan", r#"{"order":{"contactId":"c"},"change":{"status":"shipped","at":0}}"#),
    ("progress.overall", r#"{"status":"shipped"}"#),
    ("retry.classify", r#"{"method":"GET","status":200}"#),
    ("retry.delay", r#"{"attempt":1}"#),
    ("stage.forStatus", r#"{"status":"shipped"}"#),
    ("stageMap.resolve", r#"{"pipeline":[]}"#),
    ("status.forStage", r#"{"stage":"Shipped"}"#),
    ("transition", r#"{"from":"shipped","to":"delivered"}"#),
    ("webhook.construct", r#"{"webhooks":{"hmac":"s"},"body":"{}","headers":[],"nowMs":0}"#),
    ("webhook.parse", r#"{"body":"{}"}"#),
    ("webhook.sign", r#"{"body":"{}","hmac":"s"}"#),
    ("webhook.verify", r#"{"webhooks":{"hmac":"s"},"body":"{}","headers":[],"nowMs":0}"#),
];
/// Texts that are no object of arguments.
const NO_ARGUMENTS: &[&str] =
    &["", " ", "null", "true", "7", "\"{}\"", "[]", "[{}]", "{", "}", "undefined", "{'a':1}", "\u{feff}{}"];
const NO_FUNCTIONS: &[&str] = &[
    "",
    " ",
    "errors",
    "errors.",
    "errors.Codes",
    "Transition",
    "contacts.get",
    "orders.push",
    "__proto__",
    "constructor",
    "toString",
    "status\u{0}",
];

pub(crate) fn generate(vectors: &mut Vectors) {
    for (op, args) in FUNCTIONS {
        for no_arguments in NO_ARGUMENTS {
            vectors.refuses(op, no_arguments, "invalid_argument", "arguments");
        }
        for more in ["{}", "x", ",", "\u{0}"] {
            vectors.refuses(op, format!("{args}{more}"), "invalid_argument", "arguments");
        }
        // A key that is not known is refused, wherever it stands, and so is one that is given twice.
        let inner = args.strip_prefix('{').and_then(|args| args.strip_suffix('}')).unwrap_or_default();
        for (unknown, shown) in [("zeta", "zeta"), ("__proto__", "__proto__"), ("Status", "Status")] {
            vectors.refuses(op, format!(r#"{{"{unknown}":1}}"#), "invalid_argument", shown);
        }
        if let Some((first, _)) = inner.split_once(':') {
            let twice = format!("{{{inner},{first}:null}}");
            vectors.refuses(op, twice, "invalid_argument", first.trim_matches('"'));
        }
    }
    for no_function in NO_FUNCTIONS {
        vectors.refuses(no_function, "{}", "invalid_argument", "op");
    }
    vectors.refuses(&"x".repeat(1000), "{}", "invalid_argument", "op");
    for (op, args, field) in [
        ("milestones.crossed", r#"{"last":0}"#, "now"),
        ("milestones.crossed", "{}", "last"),
        ("order.check", "{}", "order"),
        ("progress.overall", "{}", "status"),
        ("retry.classify", "{}", "method"),
        ("stage.forStatus", "{}", "status"),
        ("status.forStage", "{}", "stage"),
        ("status.forStage", r#"{"stage":"\ud800"}"#, "stage"),
        ("transition", r#"{"from":"shipped"}"#, "to"),
        ("transition", r#"{"to":"shipped"}"#, "from"),
        ("transition", r#"{"from":"shipped","to":"shipped","side":"Shop"}"#, "side"),
        ("transition", r#"{"from":"shipped","to":"shipped","allowBackward":1}"#, "allowBackward"),
        ("webhook.construct", r#"{"webhooks":{"hmac":"s"},"body":"{}","headers":[]}"#, "nowMs"),
        ("webhook.construct", r#"{"webhooks":{"hmac":"s"},"body":"{}","headers":[],"nowMs":1e99}"#, "nowMs"),
        ("webhook.construct", r#"{"webhooks":{"hmac":"s"},"body":"{}","headers":[],"nowMs":0.5}"#, "nowMs"),
        ("webhook.construct", r#"{"webhooks":{"hmac":"s"},"body":"{}","headers":[],"nowMs":"0"}"#, "nowMs"),
        ("webhook.verify", r#"{"webhooks":{"hmac":"s"},"body":"{}","headers":[]}"#, "nowMs"),
        ("webhook.verify", r#"{"webhooks":{"hmac":"s"},"body":"{}","nowMs":0}"#, "headers"),
        ("webhook.verify", r#"{"webhooks":{"hmac":"s"},"body":"{}","headers":{},"nowMs":0}"#, "headers"),
        (
            "webhook.verify",
            r#"{"webhooks":{"hmac":"s"},"body":"{}","headers":[["a"]],"nowMs":0}"#,
            "headers[0]",
        ),
        (
            "webhook.verify",
            r#"{"webhooks":{"hmac":"s"},"body":"{}","headers":[["a","b"],["c",5]],"nowMs":0}"#,
            "headers[1][1]",
        ),
        ("webhook.verify", r#"{"webhooks":{"hmac":"s"},"headers":[],"nowMs":0}"#, "body"),
        (
            "webhook.verify",
            r#"{"webhooks":{"hmac":"s"},"body":"","bodyBase64":"","headers":[],"nowMs":0}"#,
            "body",
        ),
        ("webhook.verify", r#"{"webhooks":{"hmac":"s"},"body":{},"headers":[],"nowMs":0}"#, "body"),
        (
            "webhook.verify",
            r#"{"webhooks":{"hmac":"s"},"bodyBase64":"e30","headers":[],"nowMs":0}"#,
            "bodyBase64",
        ),
        (
            "webhook.verify",
            r#"{"webhooks":{"hmac":"s"},"bodyBase64":"e3 0=","headers":[],"nowMs":0}"#,
            "bodyBase64",
        ),
        (
            "webhook.verify",
            r#"{"webhooks":{"hmac":"s"},"bodyBase64":"__8=","headers":[],"nowMs":0}"#,
            "bodyBase64",
        ),
        ("webhook.parse", "{}", "body"),
        ("webhook.parse", r#"{"body":null,"bodyBase64":null}"#, "body"),
        ("webhook.parse", r#"{"bodyBase64":"*"}"#, "bodyBase64"),
    ] {
        vectors.refuses(op, args, "invalid_argument", field);
    }
}
