use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use ghlkit::{
    Result,
    api::tags,
    client::{ApiVersion, Client, ClientBuilder},
    config::{DatabaseUrl, OAuthSettings},
    ids::LocationId,
    native::{BackgroundTokens, HyperTransport, OsEntropy, SystemClock, oauth_tokens, sqlite::SqliteStore},
    oauth::{Keyring, OAuthApp},
    ports::store::TokenStore,
    secret::Secret,
};
use mock_ghl::{CLIENT_ID, CLIENT_SECRET, LOCATION_ID, MockGhl, Running, Settings};
use tempfile::TempDir;

use crate::Db;

/// The key that tokens are kept under.
pub const TOKEN_KEY: &str = "k1:S2V5S2V5S2V5S2V5S2V5S2V5S2V5S2V5S2V5S2V5S2U=";

/// One process of an app: its tokens and the client that uses them.
pub struct Process {
    /// The tokens, renewed in the background.
    pub tokens: BackgroundTokens,
    /// The client.
    pub client: Client,
}

impl Process {
    /// A process on a SQLite file.
    pub async fn open(base_url: &str, file: &Path) -> Self {
        Self::on(base_url, Arc::new(Self::store(file).await))
    }

    /// The store in a file.
    pub async fn store(file: &Path) -> SqliteStore {
        let url = format!("sqlite:{}", file.display());
        SqliteStore::open(&url, Default::default()).await.unwrap()
    }

    /// A process on any store.
    pub fn on(base_url: &str, store: Arc<dyn TokenStore>) -> Self {
        Self::speaking(ApiVersion::default(), base_url, store)
    }

    /// A process that speaks this version of the API, on any store.
    pub fn speaking(api_version: ApiVersion, base_url: &str, store: Arc<dyn TokenStore>) -> Self {
        let app = OAuthApp::new(
            CLIENT_ID,
            Secret::new(CLIENT_SECRET),
            "https://shop.example/oauth/callback",
            ["contacts.readonly", "locations/tags.readonly"],
        );
        let app = OAuthApp { base_url: base_url.to_owned(), api_version, ..app };
        let keys = Keyring::parse(TOKEN_KEY).unwrap();
        // The store is opened already.
        let settings = OAuthSettings { app, keys, database_url: DatabaseUrl::new("") };
        let tokens = BackgroundTokens::new(oauth_tokens(settings, store).unwrap());
        let transport = Arc::new(HyperTransport::new().unwrap());
        let ports = (Arc::new(SystemClock), Arc::new(OsEntropy), Arc::new(tokens.clone()));
        let client = ClientBuilder::new(transport, ports.0, ports.1, ports.2)
            .base_url(base_url)
            .api_version(api_version);
        Self { tokens, client: client.build().unwrap() }
    }

    /// A call to the default location that needs a good token.
    ///
    /// # Errors
    /// As [`Client::send`].
    pub async fn call(&self) -> Result<()> {
        let location = here();
        self.client.send(&location, &tags::list(&location)).await.map(drop)
    }
}

/// The default location.
pub fn here() -> LocationId {
    LocationId::new(LOCATION_ID)
}

/// GHL, and a SQLite file for an app's tokens.
pub struct Marketplace {
    /// The server.
    pub ghl: Running,
    /// The file, read past the store.
    pub db: Db,
    /// The file.
    pub file: PathBuf,
    // Last, so that it outlives the connections to what is in it.
    _dir: TempDir,
}

impl Marketplace {
    /// A server without rate limits, and no file yet.
    pub async fn open() -> Self {
        Self::with(Settings::unlimited()).await
    }

    /// A server with these settings.
    pub async fn with(settings: Settings) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("tokens.db");
        // Refreshes are counted in the log, so nothing may be forgotten.
        let ghl = MockGhl::start(Settings { log_capacity: 1_000_000, ..settings }).await.unwrap();
        Self { ghl, db: Db::open(&format!("sqlite:{}", file.display())), file, _dir: dir }
    }

    /// A process on the file.
    pub async fn process(&self) -> Process {
        Process::open(&self.ghl.base_url(), &self.file).await
    }

    /// A process through which the app was installed: at the location, or for `None` at the agency.
    pub async fn installed(&self, location: Option<&str>) -> Process {
        let process = self.process().await;
        let code = self.ghl.with(|ghl| ghl.issue_code(location));
        process.tokens.tokens().exchange_code(&code).await.unwrap();
        process
    }

    /// Makes GHL refuse every access token it gave out.
    pub fn expire(&self) {
        let now = self.ghl.now();
        self.ghl.with(|ghl| ghl.expire_access_tokens(now));
    }

    /// The statuses of the requests whose form has this field, oldest first.
    pub fn answers(&self, field: &str) -> Vec<u16> {
        let has = |body: &[u8]| body.split(|byte| *byte == b'&').any(|pair| pair == field.as_bytes());
        self.ghl.with(|ghl| ghl.received().filter(|got| has(&got.body)).map(|got| got.status).collect())
    }

    /// The answers to refresh tokens.
    pub fn refreshes(&self) -> Vec<u16> {
        self.answers("grant_type=refresh_token")
    }
}
