//! The stand-in as a process.
fn main() {}
