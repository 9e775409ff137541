//! The route GHL posts to: hands the raw body and the headers to the engine and answers.

use axum::{
    Json, Router,
    body::Bytes,
    extract::{DefaultBodyLimit, State, rejection::BytesRejection},
    http::{HeaderMap, HeaderValue, StatusCode, header::RETRY_AFTER},
    response::{IntoResponse, Response},
    routing::post,
};
use ghlkit::{Code, Error, sync::Engine, webhook::DEFAULT_MAX_BYTES};
use serde_json::json;

/// Where both kinds of webhook arrive.
pub(crate) const PATH: &str = "/api/webhooks/ghl/order-status";

/// The shop's routes.
pub(crate) fn routes(engine: Engine) -> Router {
    Router::new()
        .route(PATH, post(receive))
        .layer(DefaultBodyLimit::max(DEFAULT_MAX_BYTES))
        .with_state(engine)
}

async fn receive(
    State(engine): State<Engine>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let received = match body {
        Ok(body) => engine.receive_webhook(None, &body, &headers).await.map(|_| ()),
        Err(refused) if refused.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            Err(Error::new(Code::TooLarge, refused.body_text()))
        }
        Err(broken) => Err(Error::new(Code::Payload, broken.body_text())),
    };
    match received {
        Ok(()) => Json(json!({ "success": true })).into_response(),
        Err(error) => refusal(&error),
    }
}

fn refusal(error: &Error) -> Response {
    let (status, text) = match error.code() {
        Code::Signature => (StatusCode::UNAUTHORIZED, "Invalid signature"),
        Code::Stale => (StatusCode::UNAUTHORIZED, "Stale timestamp"),
        Code::Payload => (StatusCode::BAD_REQUEST, "Invalid body"),
        Code::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "Body too large"),
        Code::WrongLocation => (StatusCode::FORBIDDEN, "Wrong location"),
        // It could not be kept: GHL repeats what is answered so.
        _ => (StatusCode::TOO_MANY_REQUESTS, "Try again later"),
    };
    let body = Json(json!({ "error": text, "code": error.code().as_str() }));
    let mut response = (status, body).into_response();
    if status == StatusCode::TOO_MANY_REQUESTS {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("30"));
    }
    response
}

#[cfg(test)]
mod tests {
    use ghlkit::webhook::sign;
    use mock_ghl::WORKFLOW_SECRET;
    use serde_json::Value;

    use super::*;
    use crate::{args::Args, shop::Shop};

    async fn answer(shop: &Shop, body: Vec<u8>, signature: Option<String>) -> (u16, Value) {
        let mut request = reqwest::Client::new().post(&shop.webhook_url).body(body);
        if let Some(signature) = signature {
            request = request.header("x-ghl-signature", signature);
        }
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        (status, serde_json::from_slice(&response.bytes().await.unwrap()).unwrap())
    }

    #[tokio::test]
    async fn every_body_gets_its_answer_as_json() {
        let shop = Shop::open(&Args::parse([]).unwrap()).await.unwrap();
        let signed = |body: &[u8]| Some(sign::hmac(WORKFLOW_SECRET, body));
        let good = br#"{"contactId":"c1","pipelineStage":"stage_shipped"}"#.to_vec();
        let upper = signed(&good).map(|signature| signature.to_uppercase());
        let old = br#"{"contactId":"c1","timestamp":"2001-01-01T00:00:00Z"}"#.to_vec();
        let elsewhere = br#"{"type":"ContactUpdate","locationId":"OtherLocation","id":"c1"}"#.to_vec();
        let cases = [
            (good.clone(), signed(&good), 200, Value::Null),
            (good.clone(), None, 401, json!("signature")),
            (good.clone(), signed(b"another body"), 401, json!("signature")),
            (good, upper, 401, json!("signature")),
            (old.clone(), signed(&old), 401, json!("stale")),
            (b"{".to_vec(), signed(b"{"), 400, json!("payload")),
            (vec![0xff], signed(&[0xff]), 400, json!("payload")),
            (elsewhere.clone(), signed(&elsewhere), 403, json!("wrong_location")),
            (vec![b' '; 2 << 20], None, 413, json!("too_large")),
        ];
        for (body, signature, status, code) in cases {
            let (answered, body) = answer(&shop, body, signature).await;
            assert_eq!((answered, &body["code"]), (status, &code), "{body}");
            assert_eq!(body["success"].as_bool(), (status == 200).then_some(true), "{body}");
            assert_eq!(body["error"].is_string(), status != 200, "{body}");
        }
    }

    #[test]
    fn what_cannot_be_kept_is_asked_for_again() {
        let response = refusal(&Error::new(Code::Store, "the disk is full"));
        assert_eq!(response.status(), 429);
        assert_eq!(response.headers()[RETRY_AFTER], "30");
    }
}
