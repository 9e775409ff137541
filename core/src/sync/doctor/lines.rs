//! What answers say of a set-up. Nothing here asks anybody.

use super::{
    DoctorCheck,
    facts::{Facts, Read, concerns_all},
};
use crate::{
    api::pipelines::Pipeline,
    config::{Config, LocationConfig, UNSET, how_to_set},
    error::{Code, Error, Result},
    order::StageMap,
    policy::server_clock::Offset,
    sync::{
        TestWebhook,
        context::FieldMap,
        provision::{key_of, lines, proposed},
        setup::{chosen, stages_of},
    },
    webhook::VerifiedBy,
};

/// A clock that is further off decides conflicts wrongly, in milliseconds.
const CLOCK_WARNING_MS: i64 = 5_000;
/// A clock that is further off is set wrongly.
const CLOCK_FAILED_MS: i64 = 60_000;
/// How much of a route's answer a line repeats, in characters.
const SHOWN: usize = 200;

const INSTALL_AGAIN: &str = "install the app at this location again";
const INTEGRATIONS: &str = "in the sub-account under Settings → Private Integrations";

pub(super) fn environment(problems: &[Error], config: Option<&Config>) -> Vec<DoctorCheck> {
    let name = "environment";
    let failed = |error: &Error| DoctorCheck::failed(name, error.message(), how_to_set(error));
    match config {
        Some(config) if problems.is_empty() => {
            let many = match config.locations.len() {
                1 => "1 location".to_owned(),
                many => format!("{many} locations"),
            };
            vec![DoctorCheck::ok(name, format!("{many}; calls go to {}", config.base_url))]
        }
        _ => problems.iter().map(failed).collect(),
    }
}

pub(super) fn clock(offset: Option<Offset>) -> DoctorCheck {
    let name = "clock";
    let Some(Offset { ms, error_ms }) = offset else {
        return DoctorCheck::skipped(name, "GHL has not told the time");
    };
    let seconds = |ms: i64| ms.saturating_abs().saturating_add(999) / 1_000;
    let direction = if ms > 0 { "behind" } else { "ahead of" };
    let off = ms.saturating_abs().saturating_sub(error_ms);
    let detail = format!("{} s {direction} GHL's, give or take {} s", seconds(ms), seconds(error_ms));
    let fix = "let this machine set its clock by NTP";
    if off > CLOCK_FAILED_MS {
        DoctorCheck::failed(name, detail, fix)
    } else if off > CLOCK_WARNING_MS {
        DoctorCheck::warning(name, detail, fix)
    } else {
        DoctorCheck::ok(name, "within what conflicts allow for")
    }
}

/// Everything of a location but the webhook that is sent.
pub(super) fn location(
    facts: &Facts,
    settings: &LocationConfig,
    config: &Config,
    several: bool,
) -> Vec<DoctorCheck> {
    let known = token(facts, settings, config);
    vec![
        known,
        scopes(facts, settings),
        pipeline(facts, settings),
        stages(facts, settings, config, several),
        custom_fields(facts),
        calendar(facts, settings),
        duplicates(facts),
        secret(settings),
    ]
}

fn token(facts: &Facts, settings: &LocationConfig, config: &Config) -> DoctorCheck {
    let name = "token";
    let (code, message) = match &facts.location {
        Read::Seen(_) => return DoctorCheck::ok(name, "GHL knows it"),
        Read::NotAsked => return DoctorCheck::skipped(name, "there is no token or no location yet"),
        Read::Refused(code, message) => (*code, message),
    };
    match code {
        code if !concerns_all(code) => DoctorCheck::ok(name, "GHL knows it"),
        // An app renews its tokens: this one was revoked, or is of another app.
        Code::Unauthorized | Code::WrongLocation if settings.token.is_none() => {
            DoctorCheck::failed(name, message, INSTALL_AGAIN)
        }
        Code::Unauthorized => {
            let fix = format!("create one {INTEGRATIONS} and set it as GOHIGHLEVEL_API_KEY");
            DoctorCheck::failed(name, message, fix)
        }
        Code::Reauthorize => DoctorCheck::failed(name, message, INSTALL_AGAIN),
        Code::WrongLocation => {
            let fix = format!("create the token {INTEGRATIONS} that GOHIGHLEVEL_LOCATION_ID names");
            DoctorCheck::failed(name, message, fix)
        }
        Code::Config => {
            DoctorCheck::failed(name, message, "give the location a token, or install the app there")
        }
        Code::RateLimited | Code::DailyLimit | Code::RetryBudget => {
            DoctorCheck::failed(name, format!("GHL could not be asked: {message}"), "try again later")
        }
        _ => {
            let fix = format!("see that {} can be reached from this machine, and try again", config.base_url);
            DoctorCheck::failed(name, format!("GHL could not be asked: {message}"), fix)
        }
    }
}

fn scopes(facts: &Facts, settings: &LocationConfig) -> DoctorCheck {
    let name = "scopes";
    if untold(facts) {
        return DoctorCheck::skipped(name, "the token comes first");
    }
    let asked = [
        ("locations.readonly", verdict(&facts.location)),
        ("opportunities.readonly", verdict(&facts.pipelines)),
        ("locations/customFields.readonly", verdict(&facts.contact_fields)),
        ("contacts.readonly", verdict(&facts.contacts)),
        ("contacts.write", verdict(&facts.contact_update)),
        ("opportunities.write", verdict(&facts.opportunity_update)),
    ];
    let of_calendars = [
        ("calendars.readonly", verdict(&facts.calendars)),
        ("calendars/events.readonly", verdict(&facts.appointment)),
        ("calendars/events.write", verdict(&facts.appointment_update)),
    ];
    let of_calendars = of_calendars.into_iter().filter(|_| settings.calendar.is_some());
    let asked: Vec<_> = asked.into_iter().chain(of_calendars).collect();
    let of = |wanted: Granted| -> Vec<&str> {
        asked.iter().filter(|(_, granted)| *granted == wanted).map(|(scope, _)| *scope).collect()
    };
    let (missing, unknown) = (of(Granted::No), of(Granted::Unknown));
    if !missing.is_empty() {
        let agency = if missing.contains(&"contacts.readonly") && missing.contains(&"opportunities.readonly")
        {
            "; an agency's token has none of them, whatever it is given"
        } else {
            ""
        };
        let missing = missing.join(" ");
        let fix = if settings.token.is_none() {
            format!("add {missing} to the scopes of the app, and install it at this location again")
        } else {
            format!("add {missing} to the token {INTEGRATIONS}{agency}")
        };
        return DoctorCheck::failed(name, format!("the token lacks {missing}"), fix);
    }
    if !unknown.is_empty() {
        let detail = format!("GHL did not show whether the token has {}", unknown.join(" "));
        return DoctorCheck::warning(name, detail, "try again; if it stays so, look at the token in GHL");
    }
    DoctorCheck::ok(name, "the token may read and write what orders need")
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Granted {
    Yes,
    No,
    Unknown,
}

/// A refusal for any reason but the token's rights shows that it has them.
fn verdict<T>(read: &Read<T>) -> Granted {
    match read {
        Read::Seen(_) => Granted::Yes,
        Read::Refused(Code::ScopeMissing | Code::WrongTokenClass, _) => Granted::No,
        Read::Refused(Code::NotFound | Code::Validation | Code::UnexpectedReply, _) => Granted::Yes,
        Read::Refused(..) | Read::NotAsked => Granted::Unknown,
    }
}

/// Whether nothing but the token can be judged.
fn untold(facts: &Facts) -> bool {
    match &facts.location {
        Read::Seen(_) => false,
        Read::NotAsked => true,
        Read::Refused(code, _) => concerns_all(*code),
    }
}

/// What was read, or the line to show in its place.
fn seen<'a, T>(name: &'static str, read: &'a Read<T>, scope: &str) -> Result<&'a T, DoctorCheck> {
    match read {
        Read::Seen(seen) => Ok(seen),
        Read::NotAsked => Err(DoctorCheck::skipped(name, "the token comes first")),
        Read::Refused(Code::ScopeMissing | Code::WrongTokenClass, _) => {
            Err(DoctorCheck::skipped(name, format!("the scope {scope} comes first")))
        }
        Read::Refused(_, message) => {
            Err(DoctorCheck::failed(name, format!("it could not be read: {message}"), "try again"))
        }
    }
}

fn orders_pipeline<'a>(
    name: &'static str,
    facts: &'a Facts,
    settings: &LocationConfig,
) -> Result<&'a Pipeline, DoctorCheck> {
    let pipelines = seen(name, &facts.pipelines, "opportunities.readonly")?;
    chosen(pipelines, Some(&settings.pipeline)).map_err(|expected| {
        let (detail, list) = expected.split_once("; ").unwrap_or((&expected, ""));
        let detail = if settings.pipeline.as_str() == UNSET { "none is chosen yet" } else { detail };
        DoctorCheck::failed(name, detail, format!("GHL_ORDERS_PIPELINE_ID: {list}"))
    })
}

fn pipeline(facts: &Facts, settings: &LocationConfig) -> DoctorCheck {
    let name = "pipeline";
    match orders_pipeline(name, facts, settings) {
        Err(line) => line,
        Ok(pipeline) => {
            let called = pipeline.name.as_deref().unwrap_or("without a name");
            DoctorCheck::ok(name, format!("{called}, with {} stages", pipeline.stages.len()))
        }
    }
}

fn stages(facts: &Facts, settings: &LocationConfig, config: &Config, several: bool) -> DoctorCheck {
    let name = "stages";
    let all = match orders_pipeline(name, facts, settings) {
        Err(line) if line.verdict == super::Verdict::Skipped => return line,
        Err(_) => return DoctorCheck::skipped(name, "the pipeline comes first"),
        Ok(pipeline) => stages_of(pipeline),
    };
    let map = match StageMap::resolve(&config.model, &all, &settings.stages) {
        Ok(map) => map,
        Err(error) => return DoctorCheck::failed(name, error.message(), how_to_set(&error)),
    };
    let homeless: Vec<&str> = map.unmapped_statuses().iter().map(|status| status.as_str()).collect();
    if !homeless.is_empty() {
        let proposed =
            proposed(&config.model, &map).into_iter().filter(|one| !one.mapped).collect::<Vec<_>>();
        let detail = format!(
            "no stage stands for {}: an order that comes there stays where it is in GHL",
            homeless.join(", ")
        );
        let fix =
            format!("add stages of these names, or set\n{}", lines(&proposed, &all, several).join("\n"));
        return DoctorCheck::failed(name, detail, fix);
    }
    let strange: Vec<&str> = map.unmapped_stages().map(|stage| stage.name.as_str()).collect();
    if !strange.is_empty() {
        let detail = format!("{} stand for no status: a move there changes no order", strange.join(", "));
        return DoctorCheck::warning(
            name,
            detail,
            "leave it so if it is meant, or name one of them for its status",
        );
    }
    DoctorCheck::ok(name, "each stands for a status, and each status has one")
}

fn custom_fields(facts: &Facts) -> DoctorCheck {
    let name = "custom_fields";
    let scope = "locations/customFields.readonly";
    let both = seen(name, &facts.contact_fields, scope)
        .and_then(|contact| Ok((contact, seen(name, &facts.opportunity_fields, scope)?)));
    let fields = match both {
        Ok((contact, opportunity)) => FieldMap::resolve(contact, opportunity),
        Err(line) => return line,
    };
    let missing: Vec<String> = fields.missing().iter().map(|(model, spec)| key_of(*model, spec)).collect();
    if missing.is_empty() {
        return DoctorCheck::ok(name, "all are there");
    }
    let fix = "`npx ghlkit provision` makes them, as `engine.provision` does";
    let detail = missing.join(", ");
    match fields.check() {
        Err(_) => DoctorCheck::failed(name, format!("missing, and orders need some of them: {detail}"), fix),
        Ok(()) => DoctorCheck::warning(name, format!("missing, and so not written: {detail}"), fix),
    }
}

fn calendar(facts: &Facts, settings: &LocationConfig) -> DoctorCheck {
    let name = "calendar";
    let Some(wanted) = &settings.calendar else {
        return DoctorCheck::skipped(name, "none is configured (GHL_INSTALLATION_CALENDAR_ID)");
    };
    let calendars = match seen(name, &facts.calendars, "calendars.readonly") {
        Ok(calendars) => calendars,
        Err(line) => return line,
    };
    if let Some(found) = calendars.iter().find(|calendar| calendar.id == *wanted) {
        return DoctorCheck::ok(name, found.name.as_deref().unwrap_or("without a name"));
    }
    let named = calendars.iter().map(|calendar| {
        format!("{} ({})", calendar.id, calendar.name.as_deref().unwrap_or("without a name"))
    });
    let known = named.collect::<Vec<_>>().join(", ");
    let fix = format!("GHL_INSTALLATION_CALENDAR_ID: set the id of one of: {known}");
    DoctorCheck::failed(name, format!("the location has no calendar {wanted}"), fix)
}

fn duplicates(facts: &Facts) -> DoctorCheck {
    let name = "duplicate_opportunity";
    let location = match seen(name, &facts.location, "locations.readonly") {
        Ok(location) => location,
        Err(line) => return DoctorCheck::skipped(name, line.detail),
    };
    match location.settings.allow_duplicate_opportunity {
        Some(true) => DoctorCheck::ok(name, "a contact may have a second opportunity"),
        Some(false) => DoctorCheck::warning(
            name,
            "the location forbids a contact's second opportunity: a customer's second order is given up with the code \
             duplicate_opportunity",
            "allow duplicate opportunities in GHL, under Settings → Business Profile → General",
        ),
        None => DoctorCheck::skipped(
            name,
            "GHL does not say; if it forbids a contact's second opportunity, a customer's second order is given up with the \
             code duplicate_opportunity",
        ),
    }
}

fn secret(settings: &LocationConfig) -> DoctorCheck {
    let name = "webhook_secret";
    let schemes: Vec<&str> = settings.verifier.schemes().map(VerifiedBy::as_str).collect();
    if schemes.is_empty() {
        let fix =
            "set GOHIGHLEVEL_WEBHOOK_SECRET for webhooks of workflows, or `ed25519` for those of your app";
        return DoctorCheck::failed(name, "there is none, nor a key, so every webhook is refused", fix);
    }
    DoctorCheck::ok(name, format!("webhooks are verified by {}", schemes.join(", ")))
}

pub(super) fn webhook(sent: &Result<TestWebhook>) -> DoctorCheck {
    let name = "webhook";
    let sent = match sent {
        Ok(sent) => sent,
        Err(error) if error.code() == Code::Config => {
            return DoctorCheck::skipped(name, format!("none can be sent: {}", error.message()));
        }
        Err(error) if error.code() == Code::InvalidArgument => {
            return DoctorCheck::failed(
                name,
                error.message(),
                "give the address of the route that GHL posts to",
            );
        }
        Err(error) => {
            let fix = "see that the shop runs, and that the address can be reached from here";
            return DoctorCheck::failed(name, format!("nobody answered: {}", error.message()), fix);
        }
    };
    let TestWebhook { status, ok, duration_ms, body } = sent;
    if *ok {
        return DoctorCheck::ok(name, format!("answered {status} within {duration_ms} ms"));
    }
    let said: String = body.chars().map(|c| if c.is_control() { ' ' } else { c }).take(SHOWN).collect();
    let fix = match *status {
        300..=399 => "give the address it redirects to: GHL follows no redirect",
        401 | 403 => {
            "give the shop the secret that is configured here, and hand the exact bytes to the verification"
        }
        404 | 405 => "give the address of the route that GHL posts to, which takes POST",
        415 => "let the route take application/json",
        429 | 500.. => "see the shop's log: the route failed",
        _ => "see the shop's log",
    };
    DoctorCheck::failed(name, format!("answered {status}: {said}"), fix)
}
