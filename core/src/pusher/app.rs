use ghlkit_wire::hex;
use md5::{Digest, Md5};

use crate::{
    client,
    error::{Error, Result},
    secret::Secret,
    webhook::sign,
};

/// The longest id, key or cluster of an app, in bytes.
const MAX_NAME_BYTES: usize = 64;

/// An app of Pusher's, or of a server that speaks the same.
#[derive(Debug, Clone)]
pub struct PusherApp {
    id: String,
    key: String,
    secret: Secret,
    /// Where its API is, without a `/` at the end.
    origin: String,
}

impl PusherApp {
    /// An app by its id, key and secret. Its API is at `host` (`soketi.example`, or a URL over https, or over http to this
    /// machine), else at the cluster's, which is `mt1` where none is named.
    ///
    /// # Errors
    /// `invalid_argument`, field `appId`, `key`, `secret`, `cluster` or `host`.
    pub fn new(
        id: &str,
        key: &str,
        secret: Secret,
        cluster: Option<&str>,
        host: Option<&str>,
    ) -> Result<Self> {
        for (field, name) in [("appId", id), ("key", key), ("cluster", cluster.unwrap_or("mt1"))] {
            let fits = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
            if name.is_empty() || name.len() > MAX_NAME_BYTES || !fits {
                let expected = format_args!("expected 1 to {MAX_NAME_BYTES} letters, digits, `-` or `_`");
                return Err(Error::invalid(field, expected));
            }
        }
        if secret.expose().is_empty() {
            return Err(Error::invalid("secret", "expected the app's secret"));
        }
        let origin = match host {
            None => format!("https://api-{}.pusher.com", cluster.unwrap_or("mt1")),
            Some(host) if host.contains("://") => host.trim_end_matches('/').to_owned(),
            Some(host) => format!("https://{host}"),
        };
        client::base_url(&origin).map_err(|_| {
            let expected =
                "expected a host such as soketi.example, or a URL over https, or over http to this machine";
            Error::invalid("host", expected)
        })?;
        Ok(Self { id: id.to_owned(), key: key.to_owned(), secret, origin })
    }

    /// Its key, which pages know too.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The path of one of its resources.
    pub(super) fn path(&self, resource: &str) -> String {
        format!("/apps/{}/{resource}", self.id)
    }

    /// The URL at which a body is posted, signed as of now.
    pub(super) fn post_url(&self, path: &str, body: &[u8], now_ms: i64) -> String {
        let md5 = hex::encode(&Md5::digest(body));
        let (key, at) = (&self.key, now_ms.div_euclid(1000));
        let query = format!("auth_key={key}&auth_timestamp={at}&auth_version=1.0&body_md5={md5}");
        let signature = self.sign(format!("POST\n{path}\n{query}").as_bytes());
        format!("{}{path}?{query}&auth_signature={signature}", self.origin)
    }

    /// HMAC-SHA256 under the app's secret, in lower-case hex.
    pub(super) fn sign(&self, raw: &[u8]) -> String {
        sign::hmac(self.secret.expose(), raw)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// The app of Pusher's documented examples.
    pub(in crate::pusher) fn documented() -> PusherApp {
        let secret = Secret::new("7ad3773142a6692b25b8");
        PusherApp::new("3", "278d425bdf160c739803", secret, None, None).unwrap()
    }

    #[test]
    fn a_request_is_signed_as_documented() {
        let body = br#"{"name":"foo","channels":["project-3"],"data":"{\"some\":\"data\"}"}"#;
        let app = documented();
        assert_eq!(
            app.post_url(&app.path("events"), body, 1_353_088_179_999),
            "https://api-mt1.pusher.com/apps/3/events?auth_key=278d425bdf160c739803&auth_timestamp=1353088179\
             &auth_version=1.0&body_md5=ec365a775a4cd0599faeb73354201b6f\
             &auth_signature=da454824c97ba181a32ccc17a72625ba02771f50b50e1e7430e47a1f3f457e6c"
        );
    }

    #[test]
    fn where_the_api_is_is_said_by_host_or_cluster() {
        let origin =
            |cluster, host| PusherApp::new("1", "k", Secret::new("s"), cluster, host).map(|app| app.origin);
        assert_eq!(origin(Some("eu"), None).unwrap(), "https://api-eu.pusher.com");
        assert_eq!(origin(Some("eu"), Some("soketi.example")).unwrap(), "https://soketi.example");
        assert_eq!(origin(None, Some("http://127.0.0.1:6001/")).unwrap(), "http://127.0.0.1:6001");
        for (cluster, host, field) in [
            (Some("eu/../x"), None, "cluster"),
            (Some(""), None, "cluster"),
            (None, Some("http://soketi.example"), "host"),
            (None, Some("user:pass@soketi.example"), "host"),
            (None, Some("soketi.example\r\nx"), "host"),
        ] {
            assert_eq!(origin(cluster, host).unwrap_err().field(), Some(field), "{cluster:?} {host:?}");
        }
        for (id, key, secret, field) in
            [("", "k", "s", "appId"), ("1", "k&x", "s", "key"), ("1", "k", "", "secret")]
        {
            let app = PusherApp::new(id, key, Secret::new(secret), None, None);
            assert_eq!(app.unwrap_err().field(), Some(field));
        }
    }

    #[test]
    fn its_secret_is_not_shown() {
        assert!(!format!("{:?}", documented()).contains("7ad3773142a6692b25b8"));
    }
}
