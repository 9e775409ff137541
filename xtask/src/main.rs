//! Tasks of the repository: `cargo xtask demo | test | …`.
fn main() {}
