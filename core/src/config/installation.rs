use chrono_tz::Tz;
use serde::Deserialize;

use crate::{
    error::{Error, Result},
    install::{BusinessHours, MAX_MINUTES, MINUTE_MS, OpenHours, Template, parse_zone},
};

use super::vars::as_setting;

/// How installations are booked.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct InstallationOptions {
    /// How long an installation takes, in minutes; 1 to 1,440, default 360.
    #[cfg_attr(feature = "ts", ts(as = "Option<i64>"))]
    pub duration_minutes: i64,
    /// How long an installer's way from one installation to the next takes at least, in minutes; 0 to 1,440, default 0.
    #[cfg_attr(feature = "ts", ts(as = "Option<i64>"))]
    pub buffer_minutes: i64,
    /// When installers work. Default: as the calendar in GHL has it.
    #[cfg_attr(feature = "ts", ts(optional))]
    pub business_hours: Option<Vec<OpenHours>>,
    /// The shop's zone, by the IANA database: that of the hours, and of times without a zone. Default: the location's in GHL.
    #[cfg_attr(feature = "ts", ts(optional))]
    pub time_zone: Option<String>,
    /// What an appointment is called; `{orderNumber}`, `{orderId}`, `{product}` and `{customer}` stand for the order's. Default
    /// `Sauna Installation - Order #{orderNumber}`.
    #[cfg_attr(feature = "ts", ts(optional))]
    pub title: Option<String>,
}

impl Default for InstallationOptions {
    fn default() -> Self {
        Self { duration_minutes: 360, buffer_minutes: 0, business_hours: None, time_zone: None, title: None }
    }
}

/// The same, checked.
#[derive(Debug, Clone)]
pub(crate) struct InstallationRules {
    pub(crate) duration_ms: i64,
    pub(crate) buffer_ms: i64,
    pub(crate) hours: Option<BusinessHours>,
    pub(crate) zone: Option<Tz>,
    pub(crate) title: Template,
}

impl InstallationOptions {
    /// Checks the bounds.
    ///
    /// # Errors
    /// `config`, field e.g. `installation.durationMinutes`.
    pub fn check(&self) -> Result<()> {
        self.rules().map(|_| ())
    }

    pub(crate) fn rules(&self) -> Result<InstallationRules> {
        self.checked().map_err(|error| {
            let field = format!("installation.{}", error.field().unwrap_or_default());
            let message = format!("installation.{}", error.message());
            as_setting(Error::new(error.code(), message).with_field(field))
        })
    }

    fn checked(&self) -> Result<InstallationRules> {
        Ok(InstallationRules {
            duration_ms: minutes("durationMinutes", self.duration_minutes, 1)?,
            buffer_ms: minutes("bufferMinutes", self.buffer_minutes, 0)?,
            hours: self.business_hours.as_deref().map(BusinessHours::parse).transpose()?,
            zone: self.time_zone.as_deref().map(|zone| parse_zone("timeZone", zone)).transpose()?,
            title: self.title.as_deref().map(Template::parse).transpose()?.unwrap_or_default(),
        })
    }
}

/// A span in milliseconds, within its bounds.
pub(crate) fn minutes(field: &str, minutes: i64, least: i64) -> Result<i64> {
    if (least..=MAX_MINUTES).contains(&minutes) {
        return Ok(minutes * MINUTE_MS);
    }
    Err(Error::invalid(field, format_args!("expected {least} to {MAX_MINUTES}, got {minutes}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Code;

    #[test]
    fn what_is_out_of_bounds_is_named() {
        assert!(InstallationOptions::default().check().is_ok());
        let table = [
            (r#"{"durationMinutes":0}"#, "installation.durationMinutes"),
            (r#"{"durationMinutes":1441}"#, "installation.durationMinutes"),
            (r#"{"bufferMinutes":-1}"#, "installation.bufferMinutes"),
            (r#"{"timeZone":"Mars/Base"}"#, "installation.timeZone"),
            (r#"{"title":"{order}"}"#, "installation.title"),
            (
                r#"{"businessHours":[{"days":["mon"],"from":"9","to":"17:00"}]}"#,
                "installation.businessHours[0].from",
            ),
        ];
        for (json, field) in table {
            let options: InstallationOptions = serde_json::from_str(json).unwrap();
            let error = options.check().unwrap_err();
            assert_eq!((error.code(), error.field()), (Code::Config, Some(field)), "{json}: {error}");
            assert!(error.message().starts_with(field), "{error}");
        }
    }
}
