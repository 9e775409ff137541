use integration::{Head, TOKEN};
use mock_ghl::WORKFLOW_SECRET;

use crate::Received;

/// What GHL says of a customer where it refuses something.
pub const QUOTED: &str = "Ängström of canary.quoted@example.com is on no list of ours";

/// What must leave the process to GHL alone, if at all: tokens, secrets, and what is known of customers.
pub struct Canary;

impl Canary {
    /// GHL refuses an opportunity, and quotes the customer.
    pub fn refusal(head: &Head, _: &[u8]) -> Option<(u16, String)> {
        let creates = head.line == "POST /opportunities/";
        creates.then(|| (403, format!(r#"{{"message":["{QUOTED}"],"traceId":"t-1"}}"#)))
    }

    /// None of it is in what was received, which is not nothing.
    pub fn assert_unseen(received: &[Received]) {
        assert!(!received.is_empty(), "nothing was received, so it proves nothing");
        for Received { path, headers, body } in received {
            let text = format!("{path}\n{headers:?}\n{}", String::from_utf8_lossy(body));
            for canary in [
                TOKEN,
                WORKFLOW_SECRET,
                "Bearer",
                "Päivi",
                "Ängström",
                "@example.com",
                "@Example.com",
                "+358",
                "Rantatie",
                "Barrel",
                "pi_3Px",
                "4999.99",
                "canary",
            ] {
                assert!(!text.contains(canary), "{canary} was told: {text}");
            }
        }
    }
}
