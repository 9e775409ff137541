//! The route GHL posts to.

use axum::Router;
use ghlkit::{native::axum::engine_route, sync::Engine};

/// Where both kinds of webhook arrive.
pub(crate) const PATH: &str = "/api/webhooks/ghl/order-status";

/// The shop's routes.
pub(crate) fn routes(engine: Engine) -> Router {
    Router::new().route(PATH, engine_route(engine))
}

#[cfg(test)]
mod tests {
    use ghlkit::webhook::sign;
    use mock_ghl::WORKFLOW_SECRET;
    use serde_json::{Value, json};

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
}
