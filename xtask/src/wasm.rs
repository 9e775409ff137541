//! The core on `wasm32-unknown-unknown`, with whatever standard library this machine can get.

mod debian;

use std::path::Path;
use std::process::Command;

use crate::process::{capture, cargo, run};
use crate::report::say;
use crate::workspace::CORE;

const TRIPLE: &str = "wasm32-unknown-unknown";

/// Builds the core without features for WASM.
///
/// The standard library comes from the toolchain, else from rustup, else from Debian's packages.
pub(crate) fn check(target: &Path) -> Result<(), String> {
    let mut build = cargo(["build", "--package", CORE, "--no-default-features", "--target", TRIPLE]);
    if !toolchain_has_std()? && !rustup_adds_std() {
        say(format_args!("{TRIPLE} cannot be had from rustup; trying Debian's packages"));
        let debian = debian::Toolchain::find_or_install().ok_or_else(missing)?;
        debian.apply(&mut build, target)?;
    }
    run(&mut build)
}

fn missing() -> String {
    format!(
        "no standard library for {TRIPLE}: run `rustup target add {TRIPLE}`, or on Debian `apt-get install {}`",
        debian::PACKAGES.join(" ")
    )
}

fn toolchain_has_std() -> Result<bool, String> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let folder = capture(Command::new(rustc).args(["--print", "target-libdir", "--target", TRIPLE]))?;
    Ok(holds_std(Path::new(folder.trim_end())))
}

fn rustup_adds_std() -> bool {
    run(Command::new("rustup").args(["target", "add", TRIPLE])).is_ok() && toolchain_has_std() == Ok(true)
}

/// Whether a target's library folder has a compiled `std`; a folder that is not there has none.
fn holds_std(folder: &Path) -> bool {
    let Ok(entries) = std::fs::read_dir(folder) else { return false };
    entries.flatten().any(|entry| {
        let name = entry.file_name();
        name.to_str().is_some_and(|name| name.starts_with("libstd-") && name.ends_with(".rlib"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_compiled_std_counts() {
        let folder = std::env::temp_dir().join(format!("xtask-holds-std-{}", std::process::id()));
        assert!(!holds_std(&folder), "a folder that is not there");
        std::fs::create_dir_all(&folder).unwrap();
        for other in ["libstd-0a1b.rmeta", "libcore-0a1b.rlib", "libstd_detect-0a1b.rlib"] {
            std::fs::write(folder.join(other), "").unwrap();
        }
        let before = holds_std(&folder);
        std::fs::write(folder.join("libstd-0a1b.rlib"), "").unwrap();
        let after = holds_std(&folder);
        std::fs::remove_dir_all(&folder).unwrap();
        assert_eq!((before, after), (false, true));
    }

    #[test]
    fn the_message_says_what_to_install() {
        let line = missing();
        assert!(line.contains("`rustup target add wasm32-unknown-unknown`"), "{line}");
        assert!(line.contains("`apt-get install rustc-web rust-web-src lld-22`"), "{line}");
        assert_eq!(line.lines().count(), 1);
    }
}
