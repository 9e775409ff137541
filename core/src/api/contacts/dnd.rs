//! Which channels must not be used with a contact ("do not disturb").

use crate::{
    api::shape::{input, reply, words},
    client::Renamed,
};

words! {
    /// Whether a contact wants to be left alone.
    pub enum DndStatus {
        /// Yes.
        Active = "active",
        /// No.
        Inactive = "inactive",
        /// Yes, and only the contact can take it back.
        Permanent = "permanent",
    }
}

input! {
    /// Whether one channel must not be used.
    pub struct DndSettingInput {
        /// Whether it must not.
        pub status: DndStatus,
        /// Why.
        pub message: Option<String>,
        /// Why, as a code.
        pub code: Option<String>,
    }
}

input! {
    /// Which channels must not be used; those that are absent stay as they are.
    #[derive(Default)]
    pub struct DndSettingsInput {
        /// Calls.
        pub call as "Call": Option<DndSettingInput>,
        /// E-mails.
        pub email as "Email": Option<DndSettingInput>,
        /// Text messages.
        pub sms as "SMS": Option<DndSettingInput>,
        /// WhatsApp.
        pub whats_app as "WhatsApp": Option<DndSettingInput>,
        /// Google's business messages.
        pub gmb as "GMB": Option<DndSettingInput>,
        /// Facebook.
        pub fb as "FB": Option<DndSettingInput>,
    }
}

words! {
    /// Whether a contact's own messages are refused.
    pub enum InboundDndStatus {
        /// Yes.
        Active = "active",
        /// No.
        Inactive = "inactive",
    }
}

input! {
    /// Whether messages of the contact's are refused.
    pub struct InboundDndSetting {
        /// Whether they are.
        pub status: InboundDndStatus,
        /// Why.
        pub message: Option<String>,
    }
}

input! {
    /// Which messages of the contact's are refused.
    #[derive(Default)]
    pub struct InboundDndSettings {
        /// All.
        pub all: Option<InboundDndSetting>,
    }
}

reply! {
    /// Whether one channel must not be used.
    pub struct DndSetting {
        /// `active`, `inactive` or `permanent`.
        pub status: Option<String> = text,
        /// Why.
        pub message: Option<String> = text,
        /// Why, as a code.
        pub code: Option<String> = text,
        ..extra
    }
}

reply! {
    /// Which channels must not be used.
    pub struct DndSettings {
        /// Calls.
        pub call as "Call": Option<DndSetting> = take("Call", "call"),
        /// E-mails.
        pub email as "Email": Option<DndSetting> = take("Email", "email"),
        /// Text messages.
        pub sms as "SMS": Option<DndSetting> = take("SMS", "sms"),
        /// WhatsApp.
        pub whats_app as "WhatsApp": Option<DndSetting> = take("WhatsApp", "whatsApp"),
        /// Google's business messages.
        pub gmb as "GMB": Option<DndSetting> = take("GMB", "gmb"),
        /// Facebook.
        pub fb as "FB": Option<DndSetting> = take("FB", "fb"),
        ..extra
    }
}

const fn channel(name: &'static str, v3: &'static str) -> Renamed {
    Renamed { within: "dndSettings", name, v3 }
}

/// The names that version 3 has for these settings.
pub(super) const RENAMED: [Renamed; 6] = [
    channel("Call", "call"),
    channel("Email", "email"),
    channel("SMS", "sms"),
    channel("WhatsApp", "whatsApp"),
    channel("GMB", "gmb"),
    channel("FB", "fb"),
];
