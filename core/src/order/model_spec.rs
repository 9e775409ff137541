use serde::{Deserialize, Serialize};

use super::{
    status::Status,
    text::{MAX_NUMBER_CHARS, required_line},
};
use crate::error::{Error, Result};

/// Most statuses of a model, on and off the path together.
const MAX_STATUSES: usize = 100;

/// What a status means for the opportunity's own status in GHL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(rename = "StatusOutcome"))]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// `open`.
    Open,
    /// `won`.
    Won,
    /// `lost`.
    Lost,
    /// `abandoned`.
    Abandoned,
    /// It is left as it is.
    Untouched,
}

impl Outcome {
    /// The value GHL takes, or `None` where the opportunity's status is left alone.
    pub fn as_ghl(self) -> Option<&'static str> {
        match self {
            Outcome::Open => Some("open"),
            Outcome::Won => Some("won"),
            Outcome::Lost => Some("lost"),
            Outcome::Abandoned => Some("abandoned"),
            Outcome::Untouched => None,
        }
    }
}

fn open() -> Outcome {
    Outcome::Open
}

fn untouched() -> Outcome {
    Outcome::Untouched
}

/// A status on the way from placed to completed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PathStatus {
    /// The status.
    pub status: Status,
    /// The key of its stage, e.g. `stage_in_production`; without one the opportunity stays where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage: Option<String>,
    /// Whether a pipeline may lack that stage; then the opportunity stays where it is.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[cfg_attr(feature = "ts", ts(as = "Option<bool>"))]
    pub stage_optional: bool,
    /// Overall progress in percent, 0 to 100, never less than that of the status before.
    pub progress: u8,
    /// What people read.
    pub label: String,
    /// The opportunity's status; default `open`.
    #[serde(default = "open")]
    #[cfg_attr(feature = "ts", ts(as = "Option<Outcome>"))]
    pub outcome: Outcome,
}

/// A status off the path, such as `cancelled`: no stage, progress frozen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OffPathStatus {
    /// The status.
    pub status: Status,
    /// What people read.
    pub label: String,
    /// The opportunity's status; default `untouched`.
    #[serde(default = "untouched")]
    #[cfg_attr(feature = "ts", ts(as = "Option<Outcome>"))]
    pub outcome: Outcome,
}

/// A status model as data: the shape of its JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ModelSpec {
    /// The statuses in order, at least one.
    pub path: Vec<PathStatus>,
    /// The statuses beside the path.
    #[serde(default)]
    #[cfg_attr(feature = "ts", ts(as = "Option<Vec<OffPathStatus>>"))]
    pub off_path: Vec<OffPathStatus>,
    /// The path status during which the shop reports manufacturing progress; the overall progress then
    /// moves from this status's towards the next one's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manufacturing: Option<Status>,
}

impl ModelSpec {
    /// Checks what [`super::StatusModel::new`] promises, and takes the white space off labels and keys.
    pub(super) fn check(&mut self) -> Result<()> {
        self.check_names()?;
        check_path(&mut self.path)?;
        for (i, off) in self.off_path.iter_mut().enumerate() {
            off.label = required_line(&format!("offPath[{i}].label"), &off.label, MAX_NUMBER_CHARS)?;
        }
        let Some(status) = &self.manufacturing else { return Ok(()) };
        let place = self.path.iter().position(|entry| entry.status == *status);
        if place.is_some_and(|place| place + 1 < self.path.len()) {
            return Ok(());
        }
        let expected = format_args!("expected a status of the path that another follows, got `{status}`");
        Err(Error::invalid("manufacturing", expected))
    }

    fn check_names(&self) -> Result<()> {
        let on_path = self.path.iter().enumerate().map(|(i, entry)| (format!("path[{i}]"), &entry.status));
        let beside =
            self.off_path.iter().enumerate().map(|(i, entry)| (format!("offPath[{i}]"), &entry.status));
        let mut seen: Vec<&Status> = Vec::new();
        for (at, status) in on_path.chain(beside) {
            if seen.len() == MAX_STATUSES {
                return Err(Error::invalid(at, format_args!("expected at most {MAX_STATUSES} statuses")));
            }
            if seen.contains(&status) {
                return Err(Error::invalid(
                    format!("{at}.status"),
                    format_args!("expected each status once, got `{status}` again"),
                ));
            }
            seen.push(status);
        }
        Ok(())
    }
}

fn check_path(path: &mut [PathStatus]) -> Result<()> {
    let mut keys: Vec<String> = Vec::new();
    let mut reached = 0;
    for (i, entry) in path.iter_mut().enumerate() {
        if entry.progress < reached || entry.progress > 100 {
            return Err(Error::invalid(
                format!("path[{i}].progress"),
                format_args!("expected {reached} to 100, as progress never falls, got {}", entry.progress),
            ));
        }
        reached = entry.progress;
        entry.label = required_line(&format!("path[{i}].label"), &entry.label, MAX_NUMBER_CHARS)?;
        if let Some(key) = &mut entry.stage {
            let field = format!("path[{i}].stage");
            *key = required_line(&field, key, MAX_NUMBER_CHARS)?;
            if keys.contains(key) {
                return Err(Error::invalid(
                    field,
                    format_args!("expected each stage key once, got `{key}` again"),
                ));
            }
            keys.push(key.clone());
        }
    }
    Ok(())
}

impl Default for ModelSpec {
    fn default() -> Self {
        let on_path = |status, stage: &str, progress, label: &str| PathStatus {
            status: Status::known(status),
            stage: Some(stage.to_owned()),
            stage_optional: status == "quality_check",
            progress,
            label: label.to_owned(),
            outcome: Outcome::Open,
        };
        let off_path = |status, label: &str, outcome| OffPathStatus {
            status: Status::known(status),
            label: label.to_owned(),
            outcome,
        };
        ModelSpec {
            path: vec![
                on_path("order_placed", "stage_new_order", 10, "Order placed"),
                on_path("processing", "stage_processing", 25, "Processing"),
                on_path("manufacturing", "stage_in_production", 50, "In production"),
                on_path("quality_check", "stage_quality_check", 65, "Quality check"),
                on_path("shipped", "stage_shipped", 75, "Shipped"),
                on_path("delivered", "stage_delivered", 85, "Delivered"),
                on_path("installation", "stage_installation", 95, "Installation"),
                on_path("completed", "stage_completed", 100, "Completed"),
            ],
            off_path: vec![
                off_path("cancelled", "Cancelled", Outcome::Lost),
                off_path("refunded", "Refunded", Outcome::Lost),
                off_path("returned", "Returned", Outcome::Untouched),
            ],
            manufacturing: Some(Status::known("manufacturing")),
        }
    }
}
