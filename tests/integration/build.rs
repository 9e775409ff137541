//! Takes the quick starts out of the README and the guide, so that tests can run them as they stand.

use std::path::Path;
use std::{env, error::Error, fs};

const PAGES: [(&str, &str); 2] =
    [("../../README.md", "readme.rs"), ("../../docs/src/quick-start.md", "guide.rs")];

fn main() -> Result<(), Box<dyn Error>> {
    let folder = env::var("OUT_DIR")?;
    for (page, program) in PAGES {
        println!("cargo::rerun-if-changed={page}");
        let text = fs::read_to_string(page)?;
        let (_, rest) =
            text.split_once("```rust,no_run\n").ok_or(format!("{page} has no quick start in Rust"))?;
        let (code, _) = rest.split_once("\n```").ok_or("the quick start does not end")?;
        fs::write(Path::new(&folder).join(program), code)?;
    }
    Ok(())
}
