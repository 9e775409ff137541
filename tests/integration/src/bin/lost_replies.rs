//! Creates whose replies are lost after GHL has acted: `lost_replies TIMEOUTS`.
//!
//! Some requests are lost before, and some are refused though they are done. The location allows duplicates. The last line
//! is JSON; it fails where GHL has something twice, where a call hands over what GHL does not have, or where more than a
//! tenth of the calls cannot tell.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::{collections::BTreeMap, env, process::ExitCode, sync::Arc, time::Duration};

use futures::{StreamExt, stream};
use ghlkit::{
    Error,
    api::{
        contacts::{self, ContactInput},
        opportunities::{self, NewOpportunity, OpportunityStatus},
    },
    client::{CallOptions, Client, ClientBuilder, Priority, StaticTokens},
    error::{Code, Delivery},
    ids::{ContactId, LocationId, PipelineId},
    native::{HyperTransport, OsEntropy, SystemClock},
    policy::rate_limit::Limits,
    secret::Secret,
};
use integration::TOKEN;
use mock_ghl::{Fault, FaultPlan, LOCATION_ID, MockGhl, Running, Settings};
use serde::Serialize;

/// How many calls are under way at once.
const AT_ONCE: usize = 128;
const TIMEOUT: Duration = Duration::from_secs(1);
/// How far the stand-in's searches lag behind, and how far the client takes them to.
const LAG: (i64, Duration) = (50, Duration::from_millis(500));
/// Whose opportunities are created.
const CUSTOMERS: usize = 50;

/// Timeouts after which GHL begins anew: the stand-in looks at everything it has for every search.
const ROUND: usize = 1_000;

/// What came of calls.
#[derive(Default, Serialize)]
struct Tally {
    calls: usize,
    timeouts_after_acting: usize,
    done: usize,
    outcome_unknown: usize,
    not_sent: usize,
    failed: usize,
    handed_over_wrong: usize,
    duplicates: usize,
}

#[tokio::main]
async fn main() -> ExitCode {
    let Some(timeouts) = env::args().nth(1).and_then(|timeouts| timeouts.parse::<usize>().ok()) else {
        eprintln!("usage: lost_replies TIMEOUTS");
        return ExitCode::FAILURE;
    };
    let mut tally = Tally::default();
    for round in 0..timeouts.div_ceil(ROUND) {
        run(round as u64, ROUND.min(timeouts - round * ROUND), &mut tally).await;
    }
    println!("{}", serde_json::to_string(&tally).unwrap());
    let told = (tally.outcome_unknown + tally.not_sent) * 10 <= tally.calls && tally.failed == 0;
    let once = (tally.handed_over_wrong, tally.duplicates) == (0, 0);
    if tally.timeouts_after_acting >= timeouts && told && once {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

async fn run(seed: u64, timeouts: usize, tally: &mut Tally) {
    // Not all are lost after GHL has acted.
    let calls = timeouts.div_ceil(4) * 5;
    let mut settings = Settings { search_lag_ms: LAG.0, log_capacity: 10 * calls, ..Settings::unlimited() };
    for location in &mut settings.locations {
        location.allow_duplicate_contact = true;
        location.allow_duplicate_opportunity = true;
    }
    settings.faults = FaultPlan {
        seed,
        method: "POST".to_owned(),
        refused_but_done: 0.05,
        stall_before: 0.05,
        stall_after: 1.0,
        ..FaultPlan::default()
    };
    let ghl = MockGhl::start(settings).await.unwrap();
    let customers: Vec<ContactId> = (0..CUSTOMERS)
        .map(|nth| {
            let (now, email) = (ghl.now(), format!("customer{nth}@example.com"));
            let id = ghl.with(|ghl| ghl.seed_contact(now, LOCATION_ID, &[("email", &email)], &[]));
            ContactId::new(id.unwrap())
        })
        .collect();
    let pipeline = ghl.with(|ghl| PipelineId::new(&*ghl.order_pipeline(LOCATION_ID).unwrap().id));
    let client = client(&ghl);
    let mut done = Vec::new();
    let mut ended = stream::iter(0..calls)
        .map(|nth| create(&client, nth, &customers, &pipeline))
        .buffer_unordered(AT_ONCE);
    while let Some(result) = ended.next().await {
        match result {
            Ok(made) => done.push(made),
            Err(error) if error.delivery() == Delivery::Unknown => tally.outcome_unknown += 1,
            // On a busy machine a second may pass before there is a connection.
            Err(error) if error.code() == Code::Timeout => tally.not_sent += 1,
            Err(error) => {
                eprintln!("{error}");
                tally.failed += 1;
            }
        }
    }
    let (kept, acted) = ghl.with(|ghl| {
        let contacts =
            ghl.contacts().map(|it| (it.text("email").unwrap_or_default().to_owned(), it.id.clone()));
        let opportunities = ghl.opportunities().map(|it| (it.name.clone(), it.id.clone()));
        let acted = ghl.received().filter(|received| received.fault == Some(Fault::StallAfter));
        (contacts.chain(opportunities).collect::<Vec<_>>(), acted.count())
    });
    let mut names: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (name, id) in &kept {
        names.entry(name).or_default().push(id);
    }
    let wrong = |(name, id): &&(String, String)| names.get(name.as_str()) != Some(&vec![id.as_str()]);
    tally.calls += calls;
    tally.timeouts_after_acting += acted;
    tally.done += done.len();
    tally.handed_over_wrong += done.iter().filter(wrong).count();
    tally.duplicates += names.values().filter(|ids| ids.len() > 1).count();
}

fn client(ghl: &Running) -> Client {
    let tokens = Arc::new(StaticTokens::for_any(Secret::new(TOKEN)));
    let transport = Arc::new(HyperTransport::new().unwrap());
    ClientBuilder::new(transport, Arc::new(SystemClock), Arc::new(OsEntropy), tokens)
        .base_url(ghl.base_url())
        .limits(Limits { burst: u32::MAX, daily: u32::MAX, ..Limits::default() })
        .timeout(TIMEOUT)
        .search_lag(LAG.1)
        .build()
        .unwrap()
}

/// Creates a contact or an opportunity, of which there must be one: by which name, and under which id.
async fn create(
    client: &Client,
    nth: usize,
    customers: &[ContactId],
    pipeline: &PipelineId,
) -> Result<(String, String), Error> {
    let location = LocationId::new(LOCATION_ID);
    let options = CallOptions { priority: Priority::Bulk, ..CallOptions::default() };
    let customer = customers.iter().cycle().nth(nth / 2 % CUSTOMERS);
    let Some(customer) = customer.filter(|_| nth % 2 == 1) else {
        let email = format!("c{nth}@example.com");
        let input = ContactInput { email: Some(email.clone()), ..ContactInput::default() };
        let made = client.call(&location, &contacts::create(&location, &input, &[]), &options).await.result?;
        return Ok((email, made.id.to_string()));
    };
    let name = format!("Order #{nth}");
    let new = NewOpportunity {
        pipeline_id: pipeline.clone(),
        stage_id: None,
        name: name.clone(),
        status: OpportunityStatus::Open,
        contact_id: customer.clone(),
        monetary_value: None,
        assigned_to: None,
        custom_fields: Vec::new(),
    };
    let made = client.call(&location, &opportunities::create(&location, &new), &options).await.result?;
    Ok((name, made.id.to_string()))
}
