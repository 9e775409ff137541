use std::{
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use hyper::Uri;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::{
        legacy::connect::{HttpConnector, proxy::Tunnel},
        proxy::matcher::Matcher,
    },
    rt::TokioIo,
};
use tokio::net::TcpStream;
use tower_service::Service;

use crate::ports::BoxFuture;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const KEEP_ALIVE: Duration = Duration::from_secs(15);

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Makes connections: over TLS with the certificates that the system trusts, in HTTP/2 where the server speaks it and the
/// caller does, and through the proxy that the system or `HTTPS_PROXY` names. Plain ones, for this machine only, go straight.
///
/// # Errors
/// The system's certificates cannot be used.
pub(in crate::native) fn connector(versions: Versions) -> Result<HttpsConnector<Route>, Failure> {
    let mut straight = HttpConnector::new();
    straight.enforce_http(false);
    straight.set_nodelay(true);
    straight.set_keepalive(Some(KEEP_ALIVE));
    straight.set_connect_timeout(Some(CONNECT_TIMEOUT));
    let route = Route { straight, proxies: Arc::new(Matcher::from_system()) };
    let tls = HttpsConnectorBuilder::new().try_with_platform_verifier()?;
    let tls = tls.https_or_http();
    Ok(match versions {
        Versions::All => tls.enable_all_versions().wrap_connector(route),
        #[cfg(feature = "websocket")]
        Versions::Http1 => tls.enable_http1().wrap_connector(route),
    })
}

/// What is spoken on a connection.
#[derive(Debug, Clone, Copy)]
pub(in crate::native) enum Versions {
    /// HTTP/2 or HTTP/1.1.
    All,
    /// HTTP/1.1, which a WebSocket begins with.
    #[cfg(feature = "websocket")]
    Http1,
}

/// The way to a server, before TLS.
#[derive(Clone)]
pub(in crate::native) struct Route {
    straight: HttpConnector,
    proxies: Arc<Matcher>,
}

impl Service<Uri> for Route {
    type Response = TokioIo<TcpStream>;
    type Error = Failure;
    type Future = BoxFuture<'static, Result<Self::Response, Failure>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        self.straight.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, to: Uri) -> Self::Future {
        let proxy = self.proxies.intercept(&to).filter(|_| to.scheme_str() == Some("https"));
        let mut straight = self.straight.clone();
        let Some(proxy) = proxy else {
            return Box::pin(async move { Ok(straight.call(to).await?) });
        };
        let mut tunnel = Tunnel::new(proxy.uri().clone(), straight);
        if let Some(auth) = proxy.basic_auth() {
            tunnel = tunnel.with_auth(auth.clone());
        }
        Box::pin(async move { Ok(tunnel.call(to).await?) })
    }
}
