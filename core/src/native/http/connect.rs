use std::{
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use hyper::Uri;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder, builderstates::WantsProtocols1};
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

/// Makes connections: over TLS with the certificates that the system trusts, in HTTP/2 where the server speaks it, and through
/// the proxy that the system or `HTTPS_PROXY` names. Plain ones, for this machine only, go straight.
///
/// # Errors
/// The system's certificates cannot be used.
pub(super) fn connector() -> Result<HttpsConnector<Route>, Failure> {
    Ok(schemes()?.enable_all_versions().wrap_connector(Route::new(|stream| stream)))
}

/// Makes them as [`connector`] does, for what a WebSocket begins with: HTTP/1.1.
///
/// # Errors
/// The system's certificates cannot be used.
#[cfg(feature = "websocket")]
pub(in crate::native) fn http1_connector<S>(
    dress: fn(TcpStream) -> S,
) -> Result<HttpsConnector<Route<S>>, Failure> {
    Ok(schemes()?.enable_http1().wrap_connector(Route::new(dress)))
}

fn schemes() -> Result<HttpsConnectorBuilder<WantsProtocols1>, Failure> {
    Ok(HttpsConnectorBuilder::new().try_with_platform_verifier()?.https_or_http())
}

/// The way to a server, before TLS.
pub(in crate::native) struct Route<S = TcpStream> {
    straight: HttpConnector,
    proxies: Arc<Matcher>,
    /// What a connection is used as.
    dress: fn(TcpStream) -> S,
}

impl<S> Route<S> {
    fn new(dress: fn(TcpStream) -> S) -> Self {
        let mut straight = HttpConnector::new();
        straight.enforce_http(false);
        straight.set_nodelay(true);
        straight.set_keepalive(Some(KEEP_ALIVE));
        straight.set_connect_timeout(Some(CONNECT_TIMEOUT));
        Self { straight, proxies: Arc::new(Matcher::from_system()), dress }
    }
}

// A derived one would ask that connections can be cloned.
impl<S> Clone for Route<S> {
    fn clone(&self) -> Self {
        Self { straight: self.straight.clone(), proxies: self.proxies.clone(), dress: self.dress }
    }
}

impl<S: 'static> Service<Uri> for Route<S> {
    type Response = TokioIo<S>;
    type Error = Failure;
    type Future = BoxFuture<'static, Result<Self::Response, Failure>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        self.straight.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, to: Uri) -> Self::Future {
        let proxy = self.proxies.intercept(&to).filter(|_| to.scheme_str() == Some("https"));
        let (mut straight, dress) = (self.straight.clone(), self.dress);
        let dressed = move |stream: TokioIo<TcpStream>| TokioIo::new(dress(stream.into_inner()));
        let Some(proxy) = proxy else {
            return Box::pin(async move { Ok(dressed(straight.call(to).await?)) });
        };
        let mut tunnel = Tunnel::new(proxy.uri().clone(), straight);
        if let Some(auth) = proxy.basic_auth() {
            tunnel = tunnel.with_auth(auth.clone());
        }
        Box::pin(async move { Ok(dressed(tunnel.call(to).await?)) })
    }
}
