use std::{
    borrow::Cow,
    sync::{Arc, Mutex, atomic::AtomicU64},
    time::Duration,
};

use super::{
    ApiVersion, AppInfo, Client,
    agent::AGENT,
    base_url::base_url,
    fields::FieldLists,
    pace::{Lanes, Shares},
    pipeline::Pipeline,
};
use crate::{
    error::Result,
    policy::{rate_limit::Limits, retry::RetryPolicy, server_clock::ServerClock},
    ports::{Clock, Entropy, HttpTransport, TokenSource},
};

/// GHL's API.
pub const DEFAULT_BASE_URL: &str = "https://services.leadconnectorhq.com";
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(10);
const DEFAULT_SEARCH_LAG: Duration = Duration::from_secs(10);
const DEFAULT_MAX_REPLY_BYTES: usize = 16 * 1024 * 1024;

/// Sets a [`Client`] up.
pub struct ClientBuilder {
    transport: Arc<dyn HttpTransport>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    tokens: Arc<dyn TokenSource>,
    base_url: String,
    version: ApiVersion,
    limits: Limits,
    shares: Option<Arc<dyn Shares>>,
    retry: RetryPolicy,
    timeout: Duration,
    search_lag: Duration,
    max_reply_bytes: usize,
    app: Option<AppInfo>,
}

impl ClientBuilder {
    /// A client with these ports and the defaults.
    pub fn new(
        transport: Arc<dyn HttpTransport>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        tokens: Arc<dyn TokenSource>,
    ) -> Self {
        Self {
            transport,
            clock,
            entropy,
            tokens,
            base_url: DEFAULT_BASE_URL.to_owned(),
            version: ApiVersion::default(),
            limits: Limits::default(),
            shares: None,
            retry: RetryPolicy::default(),
            timeout: DEFAULT_TIMEOUT,
            search_lag: DEFAULT_SEARCH_LAG,
            max_reply_bytes: DEFAULT_MAX_REPLY_BYTES,
            app: None,
        }
    }

    /// The address of the API. Default [`DEFAULT_BASE_URL`].
    #[must_use]
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = url.into();
        self
    }

    /// Which version of the API is spoken. Default: each operation's own, by date.
    #[must_use]
    pub fn api_version(mut self, version: ApiVersion) -> Self {
        self.version = version;
        self
    }

    /// Each location's limits until GHL's replies correct them. Default 100 in 10 s, 200,000 a day.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Shares each location's limits with other processes; see [`StoredShares`](super::StoredShares). Default: this
    /// client takes all of them for its own, and corrects itself by what GHL's replies tell.
    #[must_use]
    pub fn shares(mut self, shares: Arc<dyn Shares>) -> Self {
        self.shares = Some(shares);
        self
    }

    /// How often a call is tried. Default 3 times, after 1 s and 2 s.
    #[must_use]
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// The limit of one try, connecting included. Default 10 s.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How far GHL's searches lag behind at most: so long a POST whose reply was lost is looked for before it is sent again.
    /// Default 10 s.
    #[must_use]
    pub fn search_lag(mut self, lag: Duration) -> Self {
        self.search_lag = lag;
        self
    }

    /// The largest reply that is accepted. Default 16 MiB.
    #[must_use]
    pub fn max_reply_bytes(mut self, bytes: usize) -> Self {
        self.max_reply_bytes = bytes;
        self
    }

    /// Names the application in `User-Agent`, behind this package. Default: the package alone.
    #[must_use]
    pub fn app_info(mut self, app: AppInfo) -> Self {
        self.app = Some(app);
        self
    }

    /// The client.
    ///
    /// # Errors
    /// `config`, field `base url`, if that is no address, or neither https nor on this machine; if the application's name, version or
    /// address cannot stand in a header.
    pub fn build(self) -> Result<Client> {
        let base_url = base_url(&self.base_url)?;
        let agent =
            self.app.as_ref().map(AppInfo::agent).transpose()?.map_or(Cow::Borrowed(AGENT), Cow::Owned);
        let inner = Pipeline {
            transport: self.transport,
            clock: self.clock,
            entropy: self.entropy,
            tokens: self.tokens,
            base_url,
            version: self.version,
            agent,
            retry: self.retry,
            timeout: self.timeout,
            search_lag: self.search_lag,
            max_reply_bytes: self.max_reply_bytes,
            lanes: Lanes::new(self.limits, self.shares),
            fields: FieldLists::default(),
            server_clock: Mutex::new(ServerClock::default()),
            calls: AtomicU64::new(1),
        };
        Ok(Client { inner: Arc::new(inner), observer: None })
    }
}
