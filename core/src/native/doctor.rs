//! The doctor of a shop that cannot be opened, or must not be yet.

use std::{collections::BTreeMap, sync::Arc};

use super::{Database, OpenOptions, OsEntropy, SystemClock, open::builder};
use crate::{
    config::Config,
    error::Result,
    store::MemoryStore,
    sync::{DoctorOptions, DoctorReport, Engine},
};

/// Looks at a set-up as [`Engine::doctor`] does, from settings as [`Config::from_json`] takes them; with an app in the
/// options, as [`Config::without_tokens`]. Nothing is opened, made or migrated: what is wrong with the settings, all of it,
/// and with the database is a line like all others, and whatever can be looked at nevertheless is.
///
/// ```no_run
/// # async fn f() {
/// # use ghlkit::{native, sync::DoctorOptions};
/// let report = native::doctor(&native::env_settings(), Default::default(), &DoctorOptions::default()).await;
/// for check in &report.checks {
///     println!("{:?} {}: {} {}", check.verdict, check.name, check.detail, check.fix.as_deref().unwrap_or(""));
/// }
/// std::process::exit(if report.ok { 0 } else { 1 });
/// # }
/// ```
pub async fn doctor(settings: &str, options: OpenOptions, look_at: &DoctorOptions) -> DoctorReport {
    let (mut problems, config) = Config::examine(settings, options.app.is_some());
    let Some(config) = config else { return DoctorReport::of_problems(&problems) };
    let database = Database::inspect(&config.database_url, &options.database).await;
    match unopened(config, options) {
        Ok(engine) => engine.diagnose(&problems, &database, look_at).await,
        Err(error) => {
            problems.push(error);
            DoctorReport::of_problems(&problems)
        }
    }
}

/// An engine that opens no database: for [`Engine::provision`] and [`Engine::send_test_webhook`] before a shop has one. What
/// it would write down ends with it.
///
/// # Errors
/// `config`, as the client's builder.
pub fn unopened(config: Config, options: OpenOptions) -> Result<Engine> {
    let client = builder(&config, options.app, options.limits)?.build()?;
    let store = Arc::new(MemoryStore::new());
    Ok(Engine::new(config, client, store, Arc::new(SystemClock), Arc::new(OsEntropy), None))
}

/// The environment of this process as settings for [`doctor`]: the variables that concern this crate, and no others.
pub fn env_settings() -> String {
    let ours = |name: &str| {
        ["GHL_", "GHLKIT_", "GOHIGHLEVEL_"].iter().any(|prefix| name.starts_with(prefix))
            || name == "DATABASE_URL"
    };
    let vars = std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value)));
    let env: BTreeMap<String, String> = vars
        .filter(|(name, _)| ours(name))
        .filter_map(|(name, value)| Some((name, value.into_string().ok()?)))
        .collect();
    serde_json::json!({ "options": {}, "env": env }).to_string()
}
