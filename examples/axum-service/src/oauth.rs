//! The installation of the shop's app, where it has one.

use axum::{
    extract::{RawQuery, State},
    http::{HeaderMap, StatusCode, header},
    response::IntoResponse,
};
use ghlkit::{Code, Error, Result, native::OsEntropy, oauth::OAuthTokens, ports::Entropy as _};
use serde_json::json;

use crate::{
    answer::{Answered, ok},
    routes::Shop,
};

const SESSION: &str = "ghl_install";

/// Sends one of the shop's people to GHL's consent page.
pub(crate) async fn begin(State(shop): State<Shop>) -> Answered {
    let session = OsEntropy.hex_id();
    let url = app(&shop)?.authorize_url(&session)?;
    let cookie =
        format!("{SESSION}={session}; Path=/api/auth/ghl; HttpOnly; SameSite=Lax; Secure; Max-Age=3600");
    Ok((StatusCode::FOUND, [(header::LOCATION, url), (header::SET_COOKIE, cookie)]).into_response())
}

/// Where the consent page sends them back to.
pub(crate) async fn callback(
    State(shop): State<Shop>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Answered {
    let cookies = headers.get(header::COOKIE).and_then(|cookies| cookies.to_str().ok()).unwrap_or_default();
    let session = cookies.split("; ").find_map(|pair| pair.strip_prefix(SESSION)?.strip_prefix('='));
    let installed = app(&shop)?.callback(&query.unwrap_or_default(), session.unwrap_or_default()).await?;
    ok(&json!({ "success": true, "installed": installed.subject }))
}

fn app(shop: &Shop) -> Result<&OAuthTokens> {
    let missing =
        || Error::new(Code::NotFound, "this shop has no app: set GHL_CLIENT_ID and the variables beside it");
    shop.app.as_ref().ok_or_else(missing)
}
