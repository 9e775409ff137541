//! Takes the quick start out of the README, so that a test can run it as it stands.

use std::path::Path;
use std::{env, error::Error, fs};

const README: &str = "../../README.md";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed={README}");
    let readme = fs::read_to_string(README)?;
    let (_, rest) = readme.split_once("```rust,no_run\n").ok_or("the README has no quick start in Rust")?;
    let (code, _) = rest.split_once("\n```").ok_or("the quick start does not end")?;
    fs::write(Path::new(&env::var("OUT_DIR")?).join("quick_start.rs"), code)?;
    Ok(())
}
