//! The browser that tests drive: found, or installed from Debian's packages.

use std::env;
use std::path::PathBuf;

use crate::apt;
use crate::report::Outcome;

/// The variable with the browser's program.
pub(crate) const VARIABLE: &str = "CHROMIUM";

const NONE: &str = "no Chromium is installed, and apt-get could not install one: install it, or name its program in CHROMIUM";

/// The browser's program, where one can be had.
pub(crate) fn for_tests() -> (Option<PathBuf>, Outcome) {
    let found = find().or_else(|| apt::install(&["chromium"]).then(find)?);
    let outcome = match found {
        Some(_) => Outcome::Passed,
        None if env::var_os("CI").is_some() => Outcome::Failed(NONE.into()),
        None => Outcome::Skipped(NONE.into()),
    };
    (found, outcome)
}

/// The one that is named, else one on the path.
fn find() -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let names = ["chromium", "chromium-browser", "google-chrome"];
    let mut places = env::split_paths(&path).flat_map(|folder| names.map(|name| folder.join(name)));
    env::var_os(VARIABLE).map(PathBuf::from).or_else(|| places.find(|program| program.exists()))
}
