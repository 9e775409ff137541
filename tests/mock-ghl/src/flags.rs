//! Command line of the binary.

use mock_ghl::{FaultPlan, Limits, Settings};

pub(crate) const HELP: &str = "\
mock-ghl: a stateful stand-in for the GoHighLevel API on 127.0.0.1

  --port N                      port to listen on (default: a free one)
  --limit N                     requests per 10 s (default 100; 0: unlimited)
  --daily-limit N               requests per day (default 200000; 0: unlimited)
  --search-lag-ms N             how far searches lag behind writes (default 0)
  --webhook-url URL             where the app's events go, signed with Ed25519
  --workflow-webhook-url URL    where the workflow body goes, signed with HMAC
  --workflow-secret TEXT        key of that HMAC
  --seed N                      seed of ids, keys and jitter (default 1)
  --faults FILE|JSON            fault plan
  --allow-duplicate-contacts    let two contacts share an e-mail or phone number
  --help                        this text

Once it listens it prints its address. GET /__mock/state tells ids and tokens' effects;
POST /__mock/stage, contact-field, contact, faults, token/expire, code and reset steer it.
";

/// What the command line asks for.
pub(crate) enum Command {
    Help,
    Run(Box<Settings>),
}

/// Reads the flags; both `--port 1` and `--port=1` are taken.
pub(crate) fn parse(args: impl Iterator<Item = String>) -> Result<Command, String> {
    let mut settings = Settings::default();
    let mut args = args;
    while let Some(arg) = args.next() {
        let (flag, inline) = match arg.split_once('=') {
            Some((flag, value)) => (flag.to_owned(), Some(value.to_owned())),
            None => (arg, None),
        };
        let mut value = || inline.clone().or_else(|| args.next()).ok_or(format!("{flag} needs a value"));
        match flag.as_str() {
            "--help" | "-h" => return Ok(Command::Help),
            "--port" => settings.port = number(&flag, &value()?)?,
            "--limit" => settings.limits.burst = limit(&flag, &value()?)?,
            "--daily-limit" => settings.limits.daily = limit(&flag, &value()?)?,
            "--search-lag-ms" => settings.search_lag_ms = i64::from(number::<u32>(&flag, &value()?)?),
            "--webhook-url" => settings.webhooks.app_url = Some(value()?),
            "--workflow-webhook-url" => settings.webhooks.workflow_url = Some(value()?),
            "--workflow-secret" => settings.webhooks.workflow_secret = value()?,
            "--seed" => settings.seed = number(&flag, &value()?)?,
            "--faults" => settings.faults = faults(&value()?)?,
            "--allow-duplicate-contacts" => {
                settings.locations.iter_mut().for_each(|location| location.allow_duplicate_contact = true);
            }
            _ => return Err(format!("unknown flag {flag}; see --help")),
        }
    }
    Ok(Command::Run(Box::new(settings)))
}

fn number<T: std::str::FromStr>(flag: &str, text: &str) -> Result<T, String> {
    text.parse().map_err(|_| format!("{flag} is {text:?}, expected a whole number"))
}

fn limit(flag: &str, text: &str) -> Result<u32, String> {
    Ok(match number(flag, text)? {
        0 => Limits::unlimited().burst,
        limit => limit,
    })
}

fn faults(source: &str) -> Result<FaultPlan, String> {
    if source.trim_start().starts_with('{') {
        return FaultPlan::parse(source);
    }
    let text = std::fs::read_to_string(source).map_err(|error| format!("--faults {source}: {error}"))?;
    FaultPlan::parse(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(args: &[&str]) -> Result<Settings, String> {
        match parse(args.iter().map(|arg| (*arg).to_owned()))? {
            Command::Run(settings) => Ok(*settings),
            Command::Help => Err("help".to_owned()),
        }
    }

    #[test]
    fn every_flag_reaches_its_setting() {
        let settings = run(&[
            "--port",
            "8080",
            "--limit=7",
            "--daily-limit",
            "0",
            "--search-lag-ms",
            "1000",
            "--webhook-url",
            "http://127.0.0.1:1/a=b",
            "--workflow-webhook-url=http://127.0.0.1:1/w?x=y",
            "--workflow-secret",
            "s",
            "--seed",
            "9",
            "--faults",
            r#"{"rules": [{"nth": 1, "fault": "reset_after"}]}"#,
            "--allow-duplicate-contacts",
        ])
        .unwrap();
        assert_eq!((settings.port, settings.limits.burst, settings.limits.daily), (8080, 7, u32::MAX));
        assert_eq!((settings.search_lag_ms, settings.seed), (1_000, 9));
        assert_eq!(settings.webhooks.app_url.as_deref(), Some("http://127.0.0.1:1/a=b"));
        assert_eq!(settings.webhooks.workflow_url.as_deref(), Some("http://127.0.0.1:1/w?x=y"));
        assert_eq!(settings.webhooks.workflow_secret, "s");
        assert_eq!(settings.faults.rules.len(), 1);
        assert!(settings.locations[0].allow_duplicate_contact);
    }

    #[test]
    fn mistakes_are_named() {
        assert_eq!(run(&["--port", "x"]).unwrap_err(), "--port is \"x\", expected a whole number");
        assert_eq!(run(&["--port"]).unwrap_err(), "--port needs a value");
        assert_eq!(run(&["--prot"]).unwrap_err(), "unknown flag --prot; see --help");
        assert!(
            run(&["--faults", "/nowhere/plan.json"])
                .unwrap_err()
                .starts_with("--faults /nowhere/plan.json: ")
        );
        assert!(matches!(parse(["--help".to_owned()].into_iter()), Ok(Command::Help)));
    }

    #[test]
    fn the_help_names_every_flag() {
        let source = include_str!("flags.rs");
        let flags = source.lines().filter_map(|line| line.trim().strip_prefix("\"--")?.split('"').next());
        for flag in flags.filter(|flag| !flag.contains('=')) {
            assert!(HELP.contains(&format!("--{flag}")), "{flag}");
        }
    }
}
