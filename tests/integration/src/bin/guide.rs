//! The guide's quick start, as it stands.

include!(concat!(env!("OUT_DIR"), "/guide.rs"));
