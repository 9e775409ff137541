use super::*;
use crate::{
    Code,
    webhook::{
        MAX_TOLERANCE_MS, VerifiedBy,
        sign::{self, Signer, test_headers},
    },
};

const REQUIRED: [(&str, &str); 3] = [
    ("GOHIGHLEVEL_API_KEY", "pit-5ecret-t0ken"),
    ("GOHIGHLEVEL_LOCATION_ID", "ve9EPM428h8vShlRW1KT"),
    ("GHL_ORDERS_PIPELINE_ID", "VDm7RPYC2GLUvdpKmBfC"),
];

/// The required variables and these; a later one replaces an earlier of the same name.
fn read(more: &[(&str, &str)]) -> Result<Config> {
    let all: Vec<(&str, &str)> = REQUIRED.iter().chain(more).copied().collect();
    Config::from_vars(|name| {
        all.iter().rev().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
    })
}

fn schemes(more: &[(&str, &str)]) -> Vec<VerifiedBy> {
    read(more).unwrap().locations[0].verifier.schemes().collect()
}

#[test]
fn three_variables_are_enough() {
    let config = read(&[]).unwrap();
    assert_eq!(config.base_url, "https://services.leadconnectorhq.com");
    assert_eq!(config.database_url.expose(), "sqlite:ghlkit.db");
    assert_eq!((config.currency, config.sync), (None, SyncOptions::default()));
    assert_eq!(config.model, StatusModel::default());
    let [location] = config.locations.as_slice() else { panic!("{config:?}") };
    assert_eq!(
        (location.id.as_str(), location.token.as_ref().unwrap().expose()),
        ("ve9EPM428h8vShlRW1KT", "pit-5ecret-t0ken")
    );
    assert_eq!(location.pipeline.as_str(), "VDm7RPYC2GLUvdpKmBfC");
    assert_eq!((location.stages.len(), &location.calendar), (0, &None));
    assert_eq!(location.verifier.tolerance().ms(), MAX_TOLERANCE_MS);
}

#[test]
fn the_environment_is_read_by_the_same_rules() {
    let of = |config: Result<Config>| {
        config.map(|config| format!("{config:?}")).map_err(|error| error.to_string())
    };
    assert_eq!(of(Config::from_env()), of(Config::from_vars(|name| std::env::var(name).ok())));
}

#[test]
fn a_missing_variable_is_named_with_its_purpose() {
    for (i, purpose) in [(0, "token"), (1, "location"), (2, "pipeline")] {
        for value in ["", "  "] {
            let error = read(&[(REQUIRED[i].0, value)]).unwrap_err();
            assert_eq!((error.code(), error.field()), (Code::Config, Some(REQUIRED[i].0)));
            assert!(error.message().contains("is not set") && error.message().contains(purpose), "{error}");
        }
    }
}

#[test]
fn every_variable_reaches_its_place() {
    let config = read(&[
        ("GHL_STAGE_ORDER_PLACED", "stage-1"),
        ("GHL_STAGE_SHIPPED", " On its way "),
        ("GHL_STAGE_COMPLETED", ""),
        ("GHL_INSTALLATION_CALENDAR_ID", "cal1"),
        ("GHL_BASE_URL", "http://127.0.0.1:4010/"),
        ("GHLKIT_CURRENCY", "eur"),
        ("DATABASE_URL", "postgres://shop:pa55@db/shop\n"),
    ])
    .unwrap();
    let stages: Vec<(&str, &str)> =
        config.locations[0].stages.iter().map(|(status, stage)| (status.as_str(), stage.as_str())).collect();
    assert_eq!(stages, [("order_placed", "stage-1"), ("shipped", "On its way")]);
    assert_eq!(config.locations[0].calendar, Some(CalendarId::new("cal1")));
    assert_eq!(config.base_url, "http://127.0.0.1:4010");
    assert_eq!(config.order_rules().currency.unwrap().code(), "EUR");
    assert_eq!(config.database_url.expose(), "postgres://shop:pa55@db/shop");
}

#[test]
fn a_malformed_variable_is_named_and_no_secret_shown() {
    let table = [
        ("GOHIGHLEVEL_API_KEY", "pit 5ecret"),
        ("GOHIGHLEVEL_API_KEY", "pit-5ecret-ä"),
        ("GOHIGHLEVEL_LOCATION_ID", "a/b"),
        ("GHL_ORDERS_PIPELINE_ID", "a b"),
        ("GHL_INSTALLATION_CALENDAR_ID", "a?b"),
        ("GHL_STAGE_CANCELLED", "stage-1"),
        ("GHL_BASE_URL", "http://example.com"),
        ("GHLKIT_CURRENCY", "euro"),
        ("DATABASE_URL", "mysql://u:5ecret@h/d"),
        ("GHL_WEBHOOK_SCHEMES", "hmac256"),
        ("GHL_WEBHOOK_SCHEMES", "ed25519,"),
        ("GHL_WEBHOOK_SCHEMES", "ed25519,ed25519"),
        #[cfg(not(feature = "rsa"))]
        ("GHL_WEBHOOK_SCHEMES", "rsa"),
        #[cfg(feature = "rsa")]
        ("GHL_WEBHOOK_SCHEMES", "rsa,rsa"),
    ];
    for (name, value) in table {
        let error = read(&[(name, value)]).unwrap_err();
        assert_eq!((error.code(), error.field()), (Code::Config, Some(name)), "{name}={value}");
        assert!(error.message().starts_with(&format!("{name}: ")), "{error}");
        assert!(!format!("{error:?}").contains("5ecret"), "{error}");
    }
}

#[test]
fn the_schemes_are_those_listed_else_those_with_a_key() {
    use VerifiedBy::{Ed25519, HmacSha256, SharedSecret};
    let secret = ("GOHIGHLEVEL_WEBHOOK_SECRET", "wh-5ecret");
    let client = ("GHL_CLIENT_ID", "64f0c1d2e3a4b5c6d7e8f901-abcdefgh");
    assert_eq!(schemes(&[]), []);
    assert_eq!(schemes(&[secret]), [HmacSha256]);
    assert_eq!(schemes(&[client]), [Ed25519]);
    assert_eq!(schemes(&[secret, client]), [HmacSha256, Ed25519]);
    assert_eq!(schemes(&[secret, client, ("GHL_WEBHOOK_SCHEMES", "ed25519")]), [Ed25519]);
    assert_eq!(schemes(&[("GHL_WEBHOOK_SCHEMES", "ed25519")]), [Ed25519]);
    let shared = [("GHL_WEBHOOK_SHARED_HEADER", "X-Shop-Key"), ("GHL_WEBHOOK_SHARED_SECRET", "sh-5ecret")];
    let listed = ("GHL_WEBHOOK_SCHEMES", " shared-secret , hmac ");
    assert_eq!(schemes(&[secret, shared[0], shared[1], listed]), [SharedSecret, HmacSha256]);
}

#[test]
fn a_scheme_without_its_secret_is_refused() {
    let shared = |name: &'static str| [("GHL_WEBHOOK_SCHEMES", "shared-secret"), (name, "x-shop-key")];
    let table: [(&[(&str, &str)], &str); 6] = [
        (&[("GHL_WEBHOOK_SCHEMES", "hmac")], "GOHIGHLEVEL_WEBHOOK_SECRET"),
        (&shared("GHL_WEBHOOK_SHARED_SECRET"), "GHL_WEBHOOK_SHARED_HEADER"),
        (&shared("GHL_WEBHOOK_SHARED_HEADER"), "GHL_WEBHOOK_SHARED_SECRET"),
        (&[("GHL_WEBHOOK_SHARED_HEADER", "x-shop-key")], "GHL_WEBHOOK_SCHEMES"),
        (&[("GHL_WEBHOOK_SHARED_SECRET", "sh-5ecret")], "GHL_WEBHOOK_SCHEMES"),
        (
            &[
                ("GHL_WEBHOOK_SCHEMES", "shared-secret"),
                ("GHL_WEBHOOK_SHARED_HEADER", "X-GHL-Signature"),
                ("GHL_WEBHOOK_SHARED_SECRET", "sh-5ecret"),
            ],
            "GHL_WEBHOOK_SHARED_HEADER",
        ),
    ];
    for (vars, field) in table {
        let error = read(vars).unwrap_err();
        assert_eq!((error.code(), error.field()), (Code::Config, Some(field)), "{error}");
    }
}

#[test]
fn the_configured_secrets_are_the_ones_that_verify() {
    let (old, new) = ([1; 32], [2; 32]);
    let base64 = |seed: &[u8; 32]| {
        let shown = format!("{:?}", sign::ed25519_public_key(seed));
        shown.trim_start_matches("Ed25519Key(").trim_end_matches(')').to_owned()
    };
    let keys = format!("{}, {}", base64(&old), base64(&new));
    let config = read(&[
        ("GOHIGHLEVEL_WEBHOOK_SECRET", "wh-5ecret"),
        ("GHL_WEBHOOK_SCHEMES", "hmac,ed25519"),
        ("GHL_WEBHOOK_ED25519_KEYS", &keys),
    ])
    .unwrap();
    let verifier = &config.locations[0].verifier;
    for (signer, good) in [
        (Signer::Hmac("wh-5ecret"), true),
        (Signer::Ed25519(&old), true),
        (Signer::Ed25519(&new), true),
        (Signer::Hmac("wh-secret"), false),
        (Signer::Ed25519(&[3; 32]), false),
    ] {
        assert_eq!(verifier.verify(b"{}", test_headers(b"{}", signer), 0).is_ok(), good);
    }
    let error =
        read(&[("GHL_WEBHOOK_SCHEMES", "ed25519"), ("GHL_WEBHOOK_ED25519_KEYS", "AAAA")]).unwrap_err();
    assert_eq!(error.field(), Some("GHL_WEBHOOK_ED25519_KEYS"));
}

#[test]
fn debug_shows_no_secret() {
    let config = read(&[
        ("GOHIGHLEVEL_WEBHOOK_SECRET", "wh-5ecret"),
        ("GHL_WEBHOOK_SCHEMES", "hmac,ed25519,shared-secret"),
        ("GHL_WEBHOOK_SHARED_HEADER", "x-shop-key"),
        ("GHL_WEBHOOK_SHARED_SECRET", "sh-5ecret"),
        ("DATABASE_URL", "postgres://shop:5ecret@db/shop"),
    ])
    .unwrap();
    for shown in [format!("{config:?}"), format!("{config:#?}")] {
        assert!(shown.contains("ve9EPM428h8vShlRW1KT") && !shown.contains("5ecret"), "{shown}");
    }
}

#[test]
fn what_is_set_in_code_is_checked_too() {
    type Change = fn(&mut Config);
    let table: [(&str, Change); 9] = [
        ("baseUrl", |c| c.base_url = "http://example.com".to_owned()),
        ("databaseUrl", |c| c.database_url = DatabaseUrl::new("x")),
        ("sync.leaseMs", |c| c.sync.lease_ms = 0),
        ("locations", |c| c.locations.clear()),
        ("locations[0].id", |c| c.locations[0].id = LocationId::new("")),
        ("locations[0].token", |c| c.locations[0].token = Some(Secret::new("a\r\nb"))),
        ("locations[0].pipelineId", |c| c.locations[0].pipeline = PipelineId::new("a/b")),
        ("locations[0].stages", |c| {
            c.locations[0].stages.insert(Status::parse("cancelled").unwrap(), "x".to_owned());
        }),
        ("locations[1].id", |c| c.locations.push(c.locations[0].clone())),
    ];
    for (field, change) in table {
        let mut config = read(&[]).unwrap();
        change(&mut config);
        let error = config.check().unwrap_err();
        assert_eq!((error.code(), error.field()), (Code::Config, Some(field)), "{error}");
    }
}

#[test]
fn a_location_is_found_by_id_or_as_the_only_one() {
    let mut config = read(&[]).unwrap();
    let (known, other) = (config.locations[0].id.clone(), LocationId::new("other"));
    assert_eq!(config.location(None).unwrap().id, known);
    assert_eq!(config.location(Some(&known)).unwrap().id, known);
    assert_eq!(config.location(Some(&other)).unwrap_err().field(), Some("locationId"));
    config.locations.push(LocationConfig { id: other.clone(), ..config.locations[0].clone() });
    assert_eq!(config.location(None).unwrap_err().field(), Some("locationId"));
    assert_eq!(config.location(Some(&other)).unwrap().id, other);
}
