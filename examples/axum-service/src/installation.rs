//! When a sauna is installed.

use axum::{
    extract::{Path, Query, State},
    http::HeaderMap,
};
use ghlkit::{
    Code,
    ids::OrderId,
    sync::{InstallationState, InstallationTerms},
};
use serde::Deserialize;
use serde_json::json;

use crate::{
    answer::{Answered, ok},
    body::Json,
    routes::Shop,
};

#[derive(Deserialize)]
pub(crate) struct Between {
    from: String,
    to: String,
}

/// The times that are free: `?from=2026-10-25&to=2026-10-31`.
pub(crate) async fn slots(
    State(shop): State<Shop>,
    Path(id): Path<String>,
    Query(between): Query<Between>,
    headers: HeaderMap,
) -> Answered {
    shop.must_be_of(&OrderId::parse(&id)?, &headers)?;
    let Between { from, to } = between;
    let slots = shop.engine.available_installations(None, &from, &to, &InstallationTerms::default()).await?;
    ok(&json!({ "slots": slots }))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Wish {
    at: String,
    #[serde(default)]
    time_zone: Option<String>,
}

/// The customer chooses a time, `{ "at": "2026-10-26T09:00" }`, or another one.
pub(crate) async fn book(
    State(shop): State<Shop>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Json,
) -> Answered {
    let id = OrderId::parse(&id)?;
    shop.must_be_of(&id, &headers)?;
    let Wish { at, time_zone } = body.read()?;
    let terms = InstallationTerms { time_zone, ..InstallationTerms::default() };
    let booked = match shop.engine.installation(None, &id).await {
        Ok(booked) => booked.state == InstallationState::Scheduled,
        // There is none.
        Err(error) if error.code() == Code::InvalidArgument => false,
        Err(error) => return Err(error.into()),
    };
    ok(&if booked {
        shop.engine.reschedule_installation(None, &id, &at, &terms).await?
    } else {
        // The same time again gives what was booked.
        shop.engine.schedule_installation(None, &id, &at, &terms).await?
    })
}

/// The customer calls it off.
pub(crate) async fn call_off(
    State(shop): State<Shop>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Answered {
    let id = OrderId::parse(&id)?;
    shop.must_be_of(&id, &headers)?;
    ok(&shop.engine.cancel_installation(None, &id).await?)
}
