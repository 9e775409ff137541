//! The ways of Rust to read a contact.

use std::sync::Arc;

use ghlkit::{
    api::contacts::{self, Contact},
    client::{Client, ClientBuilder, StaticTokens},
    ids::{ContactId, LocationId},
    native::{OsEntropy, HyperTransport, SystemClock},
    secret::Secret,
};
use http_body_util::{BodyExt as _, Empty};
use hyper::{Request, Uri, body::Bytes};
use hyper_util::{
    client::legacy::{Client as Legacy, connect::HttpConnector},
    rt::TokioExecutor,
};

use crate::{Outcome, server::CONTACT};

/// A client that reads the contact, or panics.
pub trait Calls: Clone + Send + Sync + 'static {
    fn call(&self) -> impl Future<Output = ()> + Send;
}

#[derive(Clone)]
pub struct Ghlkit {
    client: Client,
    location: LocationId,
    contact: ContactId,
}

impl Ghlkit {
    pub fn new(url: &str) -> Outcome<Self> {
        let client = ClientBuilder::new(
            Arc::new(HyperTransport::new()?),
            Arc::new(SystemClock),
            Arc::new(OsEntropy),
            Arc::new(StaticTokens::for_any(Secret::new("pit-1"))),
        );
        let client = client.base_url(url).build()?;
        Ok(Self { client, location: LocationId::new("loc1"), contact: ContactId::new(CONTACT) })
    }
}

impl Calls for Ghlkit {
    async fn call(&self) {
        let contact = self.client.send(&self.location, &contacts::get(&self.contact)).await;
        assert_eq!(contact.expect("a contact").id.as_str(), CONTACT);
    }
}

#[derive(Clone)]
pub struct Reqwest {
    client: reqwest::Client,
    url: String,
}

impl Reqwest {
    pub fn new(url: &str) -> Outcome<Self> {
        let client = reqwest::Client::builder().timeout(std::time::Duration::from_secs(10)).build()?;
        Ok(Self { client, url: format!("{url}/contacts/{CONTACT}") })
    }
}

#[derive(serde::Deserialize)]
struct Wrapped {
    contact: Contact,
}

impl Calls for Reqwest {
    async fn call(&self) {
        let request = self.client.get(&self.url).bearer_auth("pit-1").header("version", "2021-07-28");
        let reply = request.header("accept", "application/json").send().await.expect("a reply");
        let Wrapped { contact } = reply.error_for_status().expect("a success").json().await.expect("a contact");
        assert_eq!(contact.id.as_str(), CONTACT);
    }
}

#[derive(Clone)]
pub struct Hyper {
    client: Legacy<HttpConnector, Empty<Bytes>>,
    uri: Uri,
}

impl Hyper {
    pub fn new(url: &str) -> Outcome<Self> {
        let client = Legacy::builder(TokioExecutor::new()).build_http();
        Ok(Self { client, uri: format!("{url}/contacts/{CONTACT}").parse()? })
    }
}

impl Calls for Hyper {
    async fn call(&self) {
        let request = Request::get(self.uri.clone())
            .header("authorization", "Bearer pit-1")
            .header("version", "2021-07-28")
            .header("accept", "application/json");
        let reply = self.client.request(request.body(Empty::new()).expect("a request")).await.expect("a reply");
        assert!(reply.status().is_success());
        assert!(!reply.into_body().collect().await.expect("a body").to_bytes().is_empty());
    }
}
