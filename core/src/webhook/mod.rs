//! Webhooks: who sent one, how old it is, and what it says.
//!
//! Everything here is a function of bytes, headers and the time it is told. A [`Verifier`] holds the
//! configured schemes and fails closed; [`parse`] reads both the events of GHL's apps and the bodies that
//! GHL's workflows send; [`sign`] makes what a sender would, for tests.

mod accepted;
mod body;
mod ed25519;
mod event;
mod parse;
mod raw;
mod records;
#[cfg(feature = "rsa")]
mod rsa;
mod sample;
mod scheme;
pub mod sign;
mod spec;
mod spki;
mod summary;
mod tolerance;
mod verifier;

use ghlkit_wire::hex;
use sha2::{Digest, Sha256};

pub use accepted::Accepted;
#[cfg(feature = "realtime")]
pub(crate) use body::is_known;
pub use ed25519::{Ed25519Key, HIGHLEVEL_ED25519_KEY};
pub use event::{
    AppEvent, AppointmentEvent, ContactEvent, Event, EventBody, FieldValue, OpportunityEvent, WorkflowEvent,
};
pub use parse::parse;
pub use raw::{Json, JsonList, Texts};
pub use records::{
    AssociationEvent, CampaignEvent, ConversationEvent, EmailStatsEvent, InvoiceEvent, LocationEvent,
    MessageEvent, NoteEvent, ObjectSchemaEvent, PaymentOrderEvent, PlanChangeEvent, ProductEvent,
    ProviderMessageEvent, RecordEvent, RelationEvent, TaskEvent, UserEvent,
};
#[cfg(feature = "rsa")]
pub use rsa::{HIGHLEVEL_RSA_KEY, RsaKey};
pub use sample::test_event;
pub use scheme::{LEGACY_SIGNATURE_HEADER, SIGNATURE_HEADER, Scheme, VerifiedBy};
pub use spec::{MAX_BODY_BYTES, PublicKeys, Secrets, SharedSecretSpec, VerifierSpec};
pub(crate) use spki::pem;
pub use summary::Summary;
pub use tolerance::{MAX_TOLERANCE_MS, Tolerance};
pub use verifier::{DEFAULT_MAX_BYTES, Verifier};

/// The SHA-256 of a body as 64 lower-case hex digits: the identity of a webhook that carries no id.
pub fn body_hash(raw: &[u8]) -> String {
    hex::encode(&Sha256::digest(raw))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_hash_is_sha_256_in_hex() {
        assert_eq!(
            super::body_hash(b"abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}
