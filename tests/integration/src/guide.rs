//! The guide: what its pages show, read from them.

use std::{fs, path::Path};

const PAGES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/src");

/// A fenced block: where it stands, its language, how it is checked, and its text.
#[derive(Debug)]
pub struct Fence {
    /// The page and the line.
    pub place: String,
    /// The first word behind the fence.
    pub language: String,
    /// What follows it, behind a comma.
    pub check: String,
    /// What is between the fences.
    pub text: String,
}

/// All fenced blocks of the guide.
pub fn fences() -> Vec<Fence> {
    let mut pages: Vec<_> = fs::read_dir(PAGES).unwrap().map(|entry| entry.unwrap().path()).collect();
    pages.sort();
    pages.iter().flat_map(|page| read(page)).collect()
}

fn read(page: &Path) -> Vec<Fence> {
    let name = page.file_name().unwrap().to_string_lossy();
    let (mut found, mut open): (Vec<Fence>, bool) = (Vec::new(), false);
    for (number, line) in fs::read_to_string(page).unwrap().lines().enumerate() {
        match (line.trim_start().strip_prefix("```"), open) {
            (Some(info), false) => {
                let (language, check) = info.split_once(',').unwrap_or((info, ""));
                let place = format!("{name}:{}", number + 1);
                let (language, check) = (language.to_owned(), check.to_owned());
                found.push(Fence { place, language, check, text: String::new() });
                open = true;
            }
            (Some(_), true) => open = false,
            (None, true) => {
                let text = &mut found.last_mut().unwrap().text;
                *text += line;
                *text += "\n";
            }
            (None, false) => {}
        }
    }
    assert!(!open, "{name}: a block does not end");
    found
}

/// The blocks in Rust are documentation tests of this crate.
macro_rules! documentation_tests {
    ($($name:ident = $page:literal),* $(,)?) => {
        /// The pages that have blocks in Rust.
        pub const PAGES_WITH_RUST: &[&str] = &[$($page),*];

        #[cfg(doctest)]
        mod tests {
            $(
                #[doc = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/src/", $page))]
                mod $name {}
            )*
        }
    };
}

documentation_tests! {
    monitoring = "monitoring.md",
    oauth = "oauth.md",
    quick_start = "quick-start.md",
    sse = "sse.md",
    testing = "testing.md",
    webhooks = "webhooks.md",
    workers = "workers.md",
}
