//! The README's quick start, as it stands.

include!(concat!(env!("OUT_DIR"), "/readme.rs"));
