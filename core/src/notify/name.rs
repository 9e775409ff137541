use std::fmt;

use crate::{
    error::{Error, Result},
    order::{MILESTONES, Status, StatusModel},
};

/// What happened to an installation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum InstallationChange {
    /// It has a date.
    Scheduled,
    /// It has another date.
    Rescheduled,
    /// It has none any more.
    Cancelled,
}

impl InstallationChange {
    const ALL: [Self; 3] = [Self::Scheduled, Self::Rescheduled, Self::Cancelled];

    /// `scheduled`, `rescheduled` or `cancelled`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Scheduled => "scheduled",
            Self::Rescheduled => "rescheduled",
            Self::Cancelled => "cancelled",
        }
    }
}

/// What a customer can be told, written `status.shipped`, `milestone.50` or `installation.scheduled`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum MessageName {
    /// The order has this status.
    Status(Status),
    /// Manufacturing has come so far, in percent.
    Milestone(u8),
    /// Something happened to the installation.
    Installation(InstallationChange),
}

impl MessageName {
    /// Reads a name, whose status must be one of the model's.
    ///
    /// # Errors
    /// `invalid_argument`, field `message`, which says what is known.
    pub fn parse(text: &str, model: &StatusModel) -> Result<Self> {
        let found = match text.split_once('.') {
            Some(("status", status)) => model.status(status).ok().map(Self::Status),
            Some(("milestone", percent)) => {
                MILESTONES.into_iter().find(|known| known.to_string() == percent).map(Self::Milestone)
            }
            Some(("installation", change)) => {
                let known = InstallationChange::ALL.into_iter().find(|known| known.as_str() == change);
                known.map(Self::Installation)
            }
            _ => None,
        };
        found.ok_or_else(|| {
            let known: Vec<String> = Self::all(model).map(|name| name.to_string()).collect();
            Error::invalid("message", format_args!("expected one of {}, got {text:?}", known.join(", ")))
        })
    }

    /// All there are for a model.
    pub fn all(model: &StatusModel) -> impl Iterator<Item = Self> {
        let installation = InstallationChange::ALL.into_iter().map(Self::Installation);
        let of_statuses = model.statuses().cloned().map(Self::Status);
        of_statuses.chain(MILESTONES.into_iter().map(Self::Milestone)).chain(installation)
    }
}

impl fmt::Display for MessageName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(status) => write!(f, "status.{status}"),
            Self::Milestone(percent) => write!(f, "milestone.{percent}"),
            Self::Installation(change) => write!(f, "installation.{}", change.as_str()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_reads_back_and_no_other_is_taken() {
        let model = StatusModel::default();
        let all: Vec<MessageName> = MessageName::all(&model).collect();
        assert_eq!(all.len(), 11 + 4 + 3);
        for name in all {
            assert_eq!(MessageName::parse(&name.to_string(), &model).unwrap(), name);
        }
        for text in
            ["", "shipped", "status.", "status.nowhere", "milestone.30", "milestone.025", "installation"]
        {
            let error = MessageName::parse(text, &model).unwrap_err();
            assert_eq!(error.field(), Some("message"));
            assert!(error.message().contains("status.shipped"), "{error}");
        }
    }
}
