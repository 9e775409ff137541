//! Everything that is wrong with settings, not only the first of it.

use serde_json::{Map, Value};

use super::{
    Config,
    vars::setting::{LOCATION, PIPELINE, TOKEN},
};
use crate::error::{Code, Error};

/// Stands for a required setting that is missing or malformed.
pub(crate) const UNSET: &str = "ghlkit-not-set";

/// More than this is not told at once.
const MOST: usize = 32;

impl Config {
    /// What is wrong with settings as [`Config::from_json`] takes them, and the configuration that is left where the wrong
    /// parts are taken out; `None` where nothing is left. `of_app` reads them as [`Config::without_tokens`] does.
    pub fn examine(settings: &str, of_app: bool) -> (Vec<Error>, Option<Self>) {
        let read = |text: &str| if of_app { Self::without_tokens(text) } else { Self::from_json(text) };
        let mut problems = Vec::new();
        let mut text = settings.to_owned();
        loop {
            let error = match read(&text) {
                Ok(config) => return (problems, Some(config)),
                Err(error) => error,
            };
            let patched = patched(&text, &error);
            // What stands in is not the shop's mistake.
            if problems.iter().all(|known: &Error| known.field() != error.field()) {
                problems.push(error);
            }
            match patched {
                Some(patched) if problems.len() < MOST => text = patched,
                _ => return (problems, None),
            }
        }
    }
}

/// The settings without what an error is about; `None` where that cannot be found.
fn patched(text: &str, error: &Error) -> Option<String> {
    let mut settings: Value = serde_json::from_str(text).ok()?;
    let field = error.field()?;
    let changed = if is_variable(field) {
        without_variable(settings.get_mut("env").and_then(Value::as_object_mut), field)
    } else {
        without_option(settings.get_mut("options")?, field, error.code())
    };
    changed.then(|| settings.to_string())
}

fn is_variable(field: &str) -> bool {
    field.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
}

fn without_variable(env: Option<&mut Map<String, Value>>, field: &str) -> bool {
    let Some(env) = env else { return false };
    if [TOKEN, LOCATION, PIPELINE].iter().any(|required| required.variable == field) {
        return env.insert(field.to_owned(), UNSET.into()) != Some(UNSET.into());
    }
    if env.remove(field).is_some() {
        return true;
    }
    // One that is missing is asked for by another: those of webhooks go together.
    let before = env.len();
    env.retain(|name, _| !(name.starts_with("GHL_WEBHOOK_") || name == "GOHIGHLEVEL_WEBHOOK_SECRET"));
    env.len() < before
}

/// Options by their path: of one of several locations the part, of all else the whole option.
fn without_option(options: &mut Value, field: &str, code: Code) -> bool {
    let (whole, part) = match field.strip_prefix("locations[").and_then(|rest| rest.split_once("].")) {
        Some((index, part)) => {
            let entry =
                index.parse().ok().and_then(|index: usize| options.get_mut("locations")?.get_mut(index));
            (entry, part)
        }
        None => (Some(options), field),
    };
    let Some(whole) = whole.and_then(Value::as_object_mut) else { return false };
    let name = part.split(['.', '[']).next().unwrap_or_default();
    let required = ["token", "locationId", "id", "pipelineId"];
    if code == Code::Config && required.contains(&name) && part == name {
        return whole.insert(name.to_owned(), UNSET.into()) != Some(UNSET.into());
    }
    whole.remove(name).is_some()
}

/// Names a setting for the error's reader, who may have set it by the option or by the variable.
pub(crate) fn how_to_set(error: &Error) -> String {
    match error.field() {
        Some(field) if is_variable(field) => {
            format!("set the variable {field}, or remove it where it is not needed")
        }
        Some(field) => format!("set the option `{field}`, or its variable"),
        None => "see the guide's chapter on the configuration".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(settings: &str) -> (Vec<String>, Option<Config>) {
        let (problems, config) = Config::examine(settings, false);
        let field = |error: &Error| error.field().unwrap_or_default().to_owned();
        (problems.iter().map(field).collect(), config)
    }

    #[test]
    fn good_settings_have_no_problems() {
        let (problems, config) = fields(
            r#"{"options":{},"env":{"GOHIGHLEVEL_API_KEY":"pit-1","GOHIGHLEVEL_LOCATION_ID":"l","GHL_ORDERS_PIPELINE_ID":"p"}}"#,
        );
        assert_eq!(problems, [""; 0]);
        assert_eq!(config.unwrap().locations.len(), 1);
    }

    #[test]
    fn all_that_is_missing_is_told_at_once() {
        for settings in [r#"{"options":{},"env":{}}"#, r#"{"options":{}}"#] {
            let (problems, config) = fields(settings);
            let mut sorted = problems.clone();
            sorted.sort();
            assert_eq!(sorted, ["locationId", "pipelineId", "token"]);
            assert_eq!(config.unwrap().locations[0].pipeline.as_str(), UNSET);
        }
    }

    #[test]
    fn what_is_wrong_is_taken_out_and_the_rest_is_kept() {
        let (mut problems, config) = fields(
            r#"{"options":{"currency":"euro","sync":{"waitMs":-1},"unknown":1,"pipelineId":"p"},
            "env":{"GOHIGHLEVEL_API_KEY":"pit 5ecret","GOHIGHLEVEL_LOCATION_ID":"l","GHL_WEBHOOK_SCHEMES":"hmac",
            "DATABASE_URL":"mysql://u:5ecret@h/d"}}"#,
        );
        problems.sort();
        assert_eq!(
            problems,
            [
                "DATABASE_URL",
                "GOHIGHLEVEL_API_KEY",
                "GOHIGHLEVEL_WEBHOOK_SECRET",
                "currency",
                "sync.waitMs",
                "unknown"
            ]
        );
        let config = config.unwrap();
        assert_eq!((config.locations[0].id.as_str(), config.locations[0].pipeline.as_str()), ("l", "p"));
        assert!(
            !format!("{:?}", Config::examine(r#"{"options":{"token":"a 5ecret"}}"#, false))
                .contains("5ecret")
        );
    }

    #[test]
    fn of_several_locations_each_is_looked_at() {
        let (mut problems, config) =
            fields(r#"{"options":{"locations":[{"id":"l","token":"t"},{"id":"m","pipelineId":"p"}]}}"#);
        problems.sort();
        assert_eq!(problems, ["locations[0].pipelineId", "locations[1].token"]);
        assert_eq!(config.unwrap().locations[1].pipeline.as_str(), "p");
    }

    #[test]
    fn what_is_no_settings_at_all_is_one_problem() {
        for settings in ["", "[]", r#"{"options":5}"#] {
            let (problems, config) = fields(settings);
            assert!(problems.len() == 1 && config.is_none(), "{settings}: {problems:?}");
        }
    }
}
