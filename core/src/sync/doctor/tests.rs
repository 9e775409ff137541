//! What the lines say of answers: each thing that can be wrong shows in its line, and in no other that is not its consequence.

use serde::de::DeserializeOwned;
use serde_json::json;

use super::{
    DoctorCheck, DoctorReport, Verdict, database,
    facts::{Facts, Read},
    lines,
};
use crate::{
    api::custom_fields::CustomFieldDefinition,
    config::Config,
    error::{Code, Error},
    ids::CalendarId,
    policy::server_clock::Offset,
    ports::store::Inspection,
    sync::{TestWebhook, desired::field},
};

fn config(more: &[(&str, &str)]) -> Config {
    let all = [
        ("GOHIGHLEVEL_API_KEY", "pit-5ecret"),
        ("GOHIGHLEVEL_LOCATION_ID", "loc1"),
        ("GHL_ORDERS_PIPELINE_ID", "pip1"),
        ("GOHIGHLEVEL_WEBHOOK_SECRET", "wh-5ecret"),
        ("GHL_INSTALLATION_CALENDAR_ID", "cal1"),
    ];
    let all: Vec<_> = all.iter().chain(more).copied().collect();
    let find = |name: &str| all.iter().rev().find(|(known, _)| *known == name);
    Config::from_vars(|name| find(name).map(|(_, value)| (*value).to_owned())).unwrap()
}

fn seen<T: DeserializeOwned>(value: serde_json::Value) -> Read<T> {
    Read::Seen(serde_json::from_value(value).unwrap())
}

fn refused<T>(code: Code) -> Read<T> {
    Read::Refused(code, format!("GHL answered with {code}"))
}

fn fields(model: &str, specs: &[field::Spec]) -> Read<Vec<CustomFieldDefinition>> {
    let of = |(key, name, kind): &field::Spec| json!({ "id": key, "name": name, "fieldKey": format!("{model}.{key}"), "dataType": kind, "model": model });
    seen(specs.iter().map(of).collect())
}

const STAGES: [&str; 8] = [
    "New Order",
    "Processing",
    "In Production",
    "Quality Check",
    "Shipped",
    "Delivered",
    "Installation",
    "Completed",
];

fn pipeline(names: &[&str]) -> serde_json::Value {
    let stage = |name: &&str| json!({ "id": format!("id of {name}"), "name": name });
    json!([{ "id": "pip1", "name": "Orders", "stages": names.iter().map(stage).collect::<Vec<_>>() }])
}

/// A location where all is well.
fn good() -> Facts {
    Facts {
        location: seen(json!({ "id": "loc1", "settings": { "allowDuplicateOpportunity": true } })),
        pipelines: seen(pipeline(&STAGES)),
        contact_fields: fields("contact", &field::CONTACT),
        opportunity_fields: fields("opportunity", &field::OPPORTUNITY),
        calendars: seen(json!([{ "id": "cal1", "name": "Installations" }])),
        contacts: seen(json!({})),
        contact_update: refused(Code::NotFound),
        opportunity_update: refused(Code::NotFound),
        appointment: refused(Code::NotFound),
        appointment_update: refused(Code::NotFound),
    }
}

fn judged(config: &Config, facts: &Facts) -> Vec<DoctorCheck> {
    lines::location(facts, &config.locations[0], config, false)
}

/// The lines that are not well, but for those that wait for others.
fn wrong(checks: &[DoctorCheck]) -> Vec<(&'static str, Verdict)> {
    let bad = checks.iter().filter(|check| !matches!(check.verdict, Verdict::Ok | Verdict::Skipped));
    bad.map(|check| (check.name, check.verdict)).collect()
}

fn line<'a>(checks: &'a [DoctorCheck], name: &str) -> &'a DoctorCheck {
    checks.iter().find(|check| check.name == name).unwrap()
}

#[test]
fn all_is_well_where_all_is_there() {
    let checks = judged(&config(&[]), &good());
    assert!(checks.iter().all(|check| check.verdict == Verdict::Ok && check.fix.is_none()), "{checks:?}");
    assert!(DoctorReport::of(checks).ok);
}

#[test]
fn each_fault_shows_in_its_line_with_the_way_to_mend_it() {
    use Verdict::{Failed, Warning};
    type Change = fn(&mut Facts);
    let table: Vec<(&str, Verdict, &str, Change)> = vec![
        ("token", Failed, "Private Integrations", |f| {
            *f = Facts { location: refused(Code::Unauthorized), ..Facts::none() }
        }),
        ("token", Failed, "GOHIGHLEVEL_LOCATION_ID", |f| {
            *f = Facts { location: refused(Code::WrongLocation), ..Facts::none() }
        }),
        ("token", Failed, "install the app", |f| {
            *f = Facts { location: refused(Code::Reauthorize), ..Facts::none() }
        }),
        ("token", Failed, "can be reached", |f| {
            *f = Facts { location: refused(Code::Network), ..Facts::none() }
        }),
        ("token", Failed, "later", |f| *f = Facts { location: refused(Code::DailyLimit), ..Facts::none() }),
        ("scopes", Failed, "add locations.readonly", |f| f.location = refused(Code::ScopeMissing)),
        ("scopes", Failed, "add contacts.write", |f| f.contact_update = refused(Code::ScopeMissing)),
        ("scopes", Failed, "add opportunities.write", |f| f.opportunity_update = refused(Code::ScopeMissing)),
        ("scopes", Failed, "add opportunities.readonly", |f| f.pipelines = refused(Code::ScopeMissing)),
        ("scopes", Failed, "add locations/customFields.readonly", |f| {
            f.contact_fields = refused(Code::ScopeMissing)
        }),
        ("scopes", Failed, "add calendars.readonly", |f| f.calendars = refused(Code::ScopeMissing)),
        ("scopes", Failed, "add calendars/events.readonly", |f| f.appointment = refused(Code::ScopeMissing)),
        ("scopes", Failed, "add calendars/events.write", |f| {
            f.appointment_update = refused(Code::ScopeMissing)
        }),
        ("scopes", Failed, "agency", |f| {
            f.pipelines = refused(Code::WrongTokenClass);
            f.contacts = refused(Code::WrongTokenClass);
        }),
        ("scopes", Warning, "try again", |f| f.contact_update = refused(Code::Server)),
        ("pipeline", Failed, "pip2 (Sales)", |f| {
            f.pipelines = seen(json!([{ "id": "pip2", "name": "Sales", "stages": [] }]));
        }),
        ("stages", Failed, "GHL_STAGE_SHIPPED=id of Shipping", |f| {
            f.pipelines =
                seen(pipeline(&STAGES.map(|name| if name == "Shipped" { "Shipping" } else { name })));
        }),
        ("stages", Warning, "if it is meant", |f| {
            f.pipelines = seen(pipeline(&[STAGES.as_slice(), &["On hold"]].concat()));
        }),
        ("custom_fields", Failed, "provision", |f| {
            f.contact_fields = fields("contact", &field::CONTACT[1..])
        }),
        ("custom_fields", Warning, "provision", |f| f.opportunity_fields = fields("opportunity", &[])),
        ("calendar", Failed, "cal2 (Visits)", |f| {
            f.calendars = seen(json!([{ "id": "cal2", "name": "Visits" }]))
        }),
        ("duplicate_opportunity", Warning, "allow duplicate opportunities", |f| {
            f.location = seen(json!({ "id": "loc1", "settings": { "allowDuplicateOpportunity": false } }));
        }),
    ];
    for (name, verdict, fix, change) in table {
        let mut facts = good();
        change(&mut facts);
        let checks = judged(&config(&[]), &facts);
        assert_eq!(wrong(&checks), [(name, verdict)], "{checks:#?}");
        let line = line(&checks, name);
        assert!(line.fix.as_deref().unwrap().contains(fix), "{line:?}");
    }
}

#[test]
fn what_is_not_configured_is_said_and_not_held_against_anybody() {
    let mut config = config(&[]);
    config.locations[0].calendar = None;
    let mut facts = good();
    facts.location = seen(json!({ "id": "loc1" }));
    let checks = judged(&config, &facts);
    assert_eq!(wrong(&checks), []);
    for name in ["calendar", "duplicate_opportunity"] {
        assert_eq!(line(&checks, name).verdict, Verdict::Skipped);
    }
    assert!(line(&checks, "duplicate_opportunity").detail.contains("duplicate_opportunity"), "how it shows");
}

#[test]
fn a_setting_that_fits_no_stage_or_calendar_is_named() {
    let checks = judged(&config(&[("GHL_STAGE_SHIPPED", "Gone")]), &good());
    assert_eq!(wrong(&checks), [("stages", Verdict::Failed)]);
    assert!(line(&checks, "stages").detail.starts_with("GHL_STAGE_SHIPPED"), "{checks:?}");
    let mut settings = config(&[]);
    settings.locations[0].calendar = Some(CalendarId::new("other"));
    assert_eq!(wrong(&judged(&settings, &good())), [("calendar", Verdict::Failed)]);
    let checks = judged(&config(&[("GOHIGHLEVEL_WEBHOOK_SECRET", "")]), &good());
    assert_eq!(wrong(&checks), [("webhook_secret", Verdict::Failed)]);
}

#[test]
fn a_clock_is_judged_beyond_what_is_known_of_it() {
    let verdict = |ms, error_ms| lines::clock(Some(Offset { ms, error_ms })).verdict;
    assert_eq!(verdict(5_500, 500), Verdict::Ok);
    assert_eq!(verdict(-5_501, 500), Verdict::Warning);
    assert_eq!(verdict(60_500, 500), Verdict::Warning);
    assert_eq!(verdict(-3_600_000, 500), Verdict::Failed);
    assert_eq!(verdict(i64::MIN, i64::MAX), Verdict::Ok);
    assert_eq!(lines::clock(None).verdict, Verdict::Skipped);
    let ahead = lines::clock(Some(Offset { ms: -90_000, error_ms: 500 })).detail;
    assert!(ahead.starts_with("90 s ahead of GHL's"), "{ahead}");
}

#[test]
fn the_database_is_judged_by_what_it_shows() {
    let well = Inspection { kind: "PostgreSQL", applied: 6, ..Inspection::default() };
    let of = |found: Inspection| wrong(&database::lines(&Ok(found)));
    assert_eq!(of(well.clone()), []);
    assert_eq!(of(Inspection { pending: 2, ..well.clone() }), [("migrations", Verdict::Warning)]);
    assert_eq!(of(Inspection { newer: true, ..well.clone() }), [("migrations", Verdict::Failed)]);
    let lacking = Inspection { lacking: vec!["INSERT on webhook_events".to_owned()], ..well };
    let checks = database::lines(&Ok(lacking));
    assert_eq!(wrong(&checks), [("database_rights", Verdict::Failed)]);
    assert_eq!(checks[2].fix.as_deref(), Some("GRANT INSERT on webhook_events TO …;"));
    assert_eq!(of(Inspection::default()), [("database", Verdict::Warning)], "memory");
    let error = Err(Error::new(Code::Store, "the database failed"));
    assert_eq!(wrong(&database::lines(&error)), [("database", Verdict::Failed)]);
}

#[test]
fn a_webhook_is_judged_by_its_answer() {
    let answered = |status| {
        let ok = (200..300).contains(&status);
        lines::webhook(&Ok(TestWebhook { status, ok, duration_ms: 5, body: "{\"error\":\n1}".to_owned() }))
    };
    assert_eq!(answered(204).verdict, Verdict::Ok);
    for (status, fix) in [(302, "redirects"), (401, "secret"), (404, "route"), (415, "json"), (503, "failed")]
    {
        let line = answered(status);
        assert_eq!(
            (line.verdict, line.fix.as_deref().unwrap().contains(fix)),
            (Verdict::Failed, true),
            "{line:?}"
        );
        assert!(!line.detail.contains('\n'), "a line is one line: {line:?}");
    }
    for (code, verdict) in [
        (Code::Network, Verdict::Failed),
        (Code::InvalidArgument, Verdict::Failed),
        (Code::Config, Verdict::Skipped),
    ] {
        assert_eq!(lines::webhook(&Err(Error::new(code, "x"))).verdict, verdict);
    }
}

#[test]
fn problems_of_settings_are_lines_of_the_environment() {
    let problems = [Error::config("GHL_ORDERS_PIPELINE_ID", "is not set"), Error::config("currency", "no")];
    let report = DoctorReport::of_problems(&problems);
    assert!(!report.ok);
    assert_eq!(wrong(&report.checks), [("environment", Verdict::Failed), ("environment", Verdict::Failed)]);
    assert!(report.checks[0].fix.as_deref().unwrap().contains("GHL_ORDERS_PIPELINE_ID"));
}
