//! Channels that must not be used with a contact. Version 3 has other names for them.

use serde_json::{Map, Value};

use crate::http::Answer;

/// Names of date versions, under which they are kept, and of version 3.
const CHANNELS: [(&str, &str); 6] = [
    ("Call", "call"),
    ("Email", "email"),
    ("SMS", "sms"),
    ("WhatsApp", "whatsApp"),
    ("GMB", "gmb"),
    ("FB", "fb"),
];

/// Settings as they are kept.
pub(super) fn kept(settings: &Value, v3: bool) -> Result<Value, Answer> {
    let Some(settings) = settings.as_object() else { return Ok(settings.clone()) };
    let channels = settings.iter().map(|(name, setting)| {
        let channel = CHANNELS.iter().find(|(dated, new)| name == if v3 { *new } else { *dated });
        let Some((kept, _)) = channel else {
            let message = format!("dndSettings.property {name} should not exist");
            return Err(Answer::unprocessable_one(message));
        };
        match setting["status"].as_str() {
            Some("active" | "inactive" | "permanent") => Ok(((*kept).to_owned(), setting.clone())),
            _ => {
                let message = format!(
                    "dndSettings.{name}.status must be one of the following values: active, inactive, permanent"
                );
                Err(Answer::unprocessable_one(message))
            }
        }
    });
    channels.collect::<Result<Map<_, _>, _>>().map(Value::Object)
}

/// Settings as version 3 shows them.
pub(super) fn in_v3(settings: &mut Value) {
    let Some(kept) = settings.as_object_mut() else { return };
    for (dated, new) in CHANNELS {
        if let Some(setting) = kept.remove(dated) {
            kept.insert(new.to_owned(), setting);
        }
    }
}
