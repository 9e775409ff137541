//! What the stores in SQL databases share.
//!
//! The two databases speak through types of their own, so the files that run statements are compiled once for
//! each: `sqlite` and `postgres` name them by their paths, and say in `dialect` and `catalog` what the databases
//! spell differently. What depends on no database is compiled once, here.

mod error;
mod names;

pub use names::TableNames;
