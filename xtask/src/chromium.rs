//! The browser that tests drive: found, or installed from Debian's packages.

use std::env;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;

use crate::apt;
use crate::report::{Outcome, Report};

/// The variable with the browser's program.
const VARIABLE: &str = "CHROMIUM";

const NONE: &str = "no Chromium is installed, and apt-get could not install one: install it, or name its program in CHROMIUM";

/// The browser's program, where one can be had, looked for as a step of its own.
pub(crate) fn step(report: &mut Report, name: &str) -> Option<PathBuf> {
    let mut browser = None;
    report.step(name, |_| {
        browser = find().or_else(|| apt::install(&["chromium"]).then(find)?);
        match browser {
            Some(_) => Outcome::Passed,
            None if env::var_os("CI").is_some() => Outcome::Failed(NONE.into()),
            None => Outcome::Skipped(NONE.into()),
        }
    });
    browser
}

/// Gives tests their browser, or `none`, which leaves out what needs one.
pub(crate) fn equip(command: &mut Command, browser: Option<PathBuf>) {
    command.env(VARIABLE, browser.map_or_else(|| OsString::from("none"), PathBuf::into_os_string));
}

/// The one that is named, else one on the path.
fn find() -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let names = ["chromium", "chromium-browser", "google-chrome"];
    let mut places = env::split_paths(&path).flat_map(|folder| names.map(|name| folder.join(name)));
    env::var_os(VARIABLE).map(PathBuf::from).or_else(|| places.find(|program| program.exists()))
}
