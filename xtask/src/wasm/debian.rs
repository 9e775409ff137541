//! WASM with Debian's compiler, for machines on which rustup can fetch nothing.
//!
//! Debian ships a recent compiler and the source of its standard library, but no compiled one for this target:
//! it is compiled once into a sysroot under the target folder.

use std::ffi::OsString;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;
use std::process::Command;

use super::{TRIPLE, holds_std};
use crate::apt;
use crate::process::{capture, cargo, run};
use crate::report::say;

/// What has to be installed: the compiler, the source of its library, the linker.
pub(super) const PACKAGES: [&str; 3] = ["rustc-web", "rust-web-src", "lld-22"];

const RUSTC: &str = "/usr/bin/rustc";
const LINKER: &str = "/usr/bin/wasm-ld-22";
/// The package cargo needs to compile a standard library for; itself it is left out of the sysroot.
const SEED: &str = "sysroot_seed";

/// Debian's compiler, by what `rustc -vV` says of it.
pub(super) struct Toolchain {
    version: String,
}

impl Toolchain {
    /// The installed packages; where they are missing and can be installed without asking, installs them first.
    pub(super) fn find_or_install() -> Option<Self> {
        Self::find().or_else(|| if apt::install(&PACKAGES) { Self::find() } else { None })
    }

    fn find() -> Option<Self> {
        if ![RUSTC, LINKER].iter().all(|file| Path::new(file).exists()) {
            return None;
        }
        let version = capture(Command::new(RUSTC).arg("-vV")).ok()?;
        let sysroot = capture(Command::new(RUSTC).args(["--print", "sysroot"])).ok()?;
        let source = Path::new(sysroot.trim_end()).join("lib/rustlib/src/rust/library/Cargo.toml");
        source.exists().then_some(Self { version })
    }

    /// Makes `build` use this compiler, and returns the flags that make it use its library, which is compiled
    /// into the target folder.
    pub(super) fn apply(&self, build: &mut Command, target: &Path) -> Result<[OsString; 2], String> {
        let sysroot = target.join(format!("sysroot-{}", key(&self.version)));
        if !sysroot.exists() {
            compile_std(target, &sysroot)?;
        }
        build.env("RUSTC", RUSTC).env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", LINKER);
        Ok(["--sysroot".into(), sysroot.into()])
    }
}

/// A folder name for a compiler's artefacts: its release and a digest of all it says of itself.
fn key(version: &str) -> String {
    let release = version.lines().find_map(|line| line.strip_prefix("release: ")).unwrap_or("unknown");
    let mut digest = DefaultHasher::new();
    version.hash(&mut digest);
    format!("{release}-{:016x}", digest.finish())
}

/// Compiles the standard library into `sysroot`, which comes to exist only once it is complete.
fn compile_std(base: &Path, sysroot: &Path) -> Result<(), String> {
    say(format_args!("compiling the standard library for {TRIPLE}, once"));
    let scratch = base.join("std");
    let crate_root = scratch.join(SEED);
    let fresh = scratch.join("sysroot");
    let library = fresh.join("lib/rustlib").join(TRIPLE).join("lib");
    let written = (|| {
        if scratch.exists() {
            fs::remove_dir_all(&scratch)?;
        }
        fs::create_dir_all(crate_root.join("src"))?;
        fs::create_dir_all(&library)?;
        let manifest = format!("[workspace]\n\n[package]\nname = \"{SEED}\"\nedition = \"2024\"\n");
        fs::write(crate_root.join("Cargo.toml"), manifest)?;
        fs::write(crate_root.join("src/lib.rs"), "#![no_std]\n")
    })();
    written.map_err(|error| cannot("prepare", &scratch, error))?;

    let mut build = cargo(["build", "--release", "-Zbuild-std=std,panic_abort", "--target", TRIPLE]);
    build.current_dir(&crate_root).env("RUSTC", RUSTC).env("RUSTC_BOOTSTRAP", "1");
    build.env("CARGO_TARGET_DIR", scratch.join("target"));
    run(&mut build)?;

    let compiled = scratch.join("target").join(TRIPLE).join("release/deps");
    copy_libraries(&compiled, &library).map_err(|error| cannot("copy from", &compiled, error))?;
    if !holds_std(&library) {
        return Err(format!("the build of the standard library left no std in {}", compiled.display()));
    }
    fs::rename(&fresh, sysroot).map_err(|error| cannot("create", sysroot, error))?;
    fs::remove_dir_all(&scratch).map_err(|error| cannot("remove", &scratch, error))
}

fn copy_libraries(from: &Path, to: &Path) -> std::io::Result<()> {
    for entry in fs::read_dir(from)? {
        let name = entry?.file_name();
        let library = Path::new(&name).extension().is_some_and(|extension| extension == "rlib");
        if library && !name.to_string_lossy().starts_with(&format!("lib{SEED}-")) {
            fs::copy(from.join(&name), to.join(&name))?;
        }
    }
    Ok(())
}

fn cannot(verb: &str, path: &Path, error: std::io::Error) -> String {
    format!("cannot {verb} {}: {error}", path.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    const VERSION: &str = "rustc 1.96.0 (built from a source tarball)\nbinary: rustc\nhost: x86_64-unknown-linux-gnu\nrelease: 1.96.0\nLLVM version: 22.1.8\n";

    #[test]
    fn the_key_is_a_plain_name_that_follows_the_compiler() {
        let name = key(VERSION);
        assert!(name.starts_with("1.96.0-"), "{name}");
        assert!(name.chars().all(|c| c.is_ascii_alphanumeric() || ".-".contains(c)), "{name}");
        assert_eq!(name, key(VERSION));
        assert_ne!(name, key(&VERSION.replace("22.1.8", "22.1.9")), "the same release built anew");
        assert!(key("").starts_with("unknown-"));
    }

    #[test]
    fn copies_libraries_and_nothing_else() {
        let folder = std::env::temp_dir().join(format!("xtask-copy-{}", std::process::id()));
        let (from, to) = (folder.join("from"), folder.join("to"));
        fs::create_dir_all(&from).unwrap();
        fs::create_dir_all(&to).unwrap();
        for name in
            ["libstd-1.rlib", "libcore-1.rlib", "libcore-1.rmeta", "std-1.d", "libsysroot_seed-1.rlib"]
        {
            fs::write(from.join(name), name).unwrap();
        }
        copy_libraries(&from, &to).unwrap();
        let mut copied: Vec<_> = fs::read_dir(&to)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        copied.sort();
        let content = fs::read_to_string(to.join("libstd-1.rlib")).unwrap();
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(copied, ["libcore-1.rlib", "libstd-1.rlib"]);
        assert_eq!(content, "libstd-1.rlib");
    }
}
