//! What `ghlkit::ops::evaluate` answers, as data that any language can read: the same in Rust, Node and WASM.
//!
//! The expectations are stated here from small tables and rules of this crate's own, and from the documents;
//! the core has to agree while they are generated. What no document decides (the wording of messages, the order
//! of fields) is then pinned as it is.

#![allow(clippy::indexing_slicing, reason = "the JSON that is indexed is made here")]

mod arguments;
mod documents;
mod errors;
mod orders;
mod phones;
mod plans;
mod progress;
mod random;
mod retry;
mod stage_map;
mod stages;
mod transitions;
mod vector;
mod webhooks;

pub use vector::{Vector, Vectors};

/// The folder of the vector files.
pub const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/data");

/// A file of vectors.
#[derive(Debug)]
pub struct File {
    /// Its name in [`DATA`].
    pub name: &'static str,
    /// What it holds.
    pub vectors: Vectors,
}

/// Every file, generated anew.
pub fn files() -> Vec<File> {
    let file = |name, generate: fn(&mut Vectors)| {
        let mut vectors = Vectors::default();
        generate(&mut vectors);
        File { name, vectors }
    };
    vec![
        file("arguments.json", arguments::generate),
        file("errors.json", errors::generate),
        file("models.json", stages::models),
        file("orders.json", orders::generate),
        file("phones.json", phones::generate),
        file("plans.json", plans::generate),
        file("progress.json", progress::generate),
        file("retry.json", retry::generate),
        file("stage-map.json", stage_map::generate),
        file("stages.json", stages::generate),
        file("transitions.json", transitions::generate),
        file("webhook-alterations.json", webhooks::alterations::generate),
        file("webhook-bodies.json", webhooks::bodies::generate),
        file("webhook-clocks.json", webhooks::clocks::generate),
        file("webhook-records.json", webhooks::records::generate),
        file("webhook-settings.json", webhooks::settings::generate),
        file("webhook-signatures.json", webhooks::signatures::generate),
        file("webhook-signing.json", webhooks::signing::generate),
    ]
}
