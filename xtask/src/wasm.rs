//! The core for WASM, alone and as the module of `@ghlkit/wasm`, with whatever standard library this machine
//! can get: the toolchain's, else rustup's, else that of Debian's packages.

mod debian;

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::js::{self, Package};
use crate::process::{capture, cargo, run};
use crate::report::{Outcome, say};
use crate::tally::Tally;
use crate::workspace::{CORE, Workspace};

const TRIPLE: &str = "wasm32-unknown-unknown";
/// The crate of the module.
const CRATE: &str = "ghlkit-wasm";
/// The modules of the package, each with the flags that build it.
const MODULES: [(&str, &[&str]); 2] = [("full", &[]), ("verify", &["--no-default-features"])];

/// Builds the core for WASM: without features, and with those that need no operating system.
pub(crate) fn check(workspace: &Workspace) -> Result<(), String> {
    let toolchain = Toolchain::find()?;
    ["", "realtime"].into_iter().try_for_each(|features| {
        let args =
            ["build", "--package", CORE, "--no-default-features", "--features", features, "--target", TRIPLE];
        run(&mut toolchain.cargo(args, workspace)?)
    })
}

/// Runs clippy on what exists for WASM alone.
pub(crate) fn lint(workspace: &Workspace) -> Outcome {
    let toolchain = match Toolchain::find() {
        Ok(Toolchain::Own) => Toolchain::Own,
        Ok(Toolchain::Debian(_)) => return Outcome::Skipped("Debian's compiler comes without clippy".into()),
        Err(reason) => return Outcome::Failed(reason),
    };
    let lint = |(_, flags): (_, &[&str])| {
        let args = ["clippy", "--package", CRATE, "--no-deps", "--target", TRIPLE];
        run(toolchain.cargo(args, workspace)?.args(flags).args(["--", "-D", "warnings"]))
    };
    MODULES.into_iter().try_for_each(lint).into()
}

/// Builds the modules of the package into `dist/raw`, each in a folder with all that loads it, as the build of
/// the package's JavaScript takes them. As that is linked anew each time, a run does it once.
pub(crate) fn build_packages(workspace: &Workspace) -> Result<(), String> {
    static BUILT: OnceLock<Result<(), String>> = OnceLock::new();
    BUILT.get_or_init(|| build_modules(workspace)).clone()
}

fn build_modules(workspace: &Workspace) -> Result<(), String> {
    let toolchain = Toolchain::find()?;
    let package = workspace.root.join("bindings-wasm/npm");
    for (name, flags) in MODULES {
        let args = ["build", "--package", CRATE, "--profile", "wasm", "--target", TRIPLE];
        run(toolchain.cargo(args, workspace)?.args(flags))?;
        let compiled = toolchain.target(workspace).join(TRIPLE).join("wasm/ghlkit_wasm.wasm");
        let folder = package.join("dist/raw").join(name);
        let mut bindgen = cargo(["run", "--quiet", "--package", "bindgen", "--"]);
        run(bindgen.arg(&compiled).arg(&folder).arg("ghlkit"))?;
        copy_files(&package.join("glue"), &folder)?;
    }
    Ok(())
}

/// Tries the module as JavaScript loads it, without the surface over it.
pub(crate) fn test(workspace: &Workspace, tally: &mut Tally) -> Outcome {
    js::run_suite(workspace, "bindings-wasm/tests", Package::Wasm, tally)
}

/// What compiles for WASM on this machine.
enum Toolchain {
    /// The one that runs us.
    Own,
    Debian(debian::Toolchain),
}

impl Toolchain {
    fn find() -> Result<Self, String> {
        if toolchain_has_std()? || rustup_adds_std() {
            return Ok(Self::Own);
        }
        say(format_args!("{TRIPLE} cannot be had from rustup; trying Debian's packages"));
        debian::Toolchain::find_or_install().map(Self::Debian).ok_or_else(missing)
    }

    /// Where its artefacts go: one compiler's are of no use to another.
    fn target(&self, workspace: &Workspace) -> PathBuf {
        match self {
            Self::Own => workspace.target.clone(),
            Self::Debian(_) => workspace.target.join("wasm-debian"),
        }
    }

    fn cargo<const N: usize>(&self, args: [&str; N], workspace: &Workspace) -> Result<Command, String> {
        let mut command = cargo(args);
        let target = self.target(workspace);
        let mut flags = flags();
        if let Self::Debian(debian) = self {
            flags.extend(debian.apply(&mut command, &target)?);
        }
        command.env("CARGO_TARGET_DIR", target);
        // The encoded form wins over any RUSTFLAGS around us, and a folder's name may hold spaces.
        command.env("CARGO_ENCODED_RUSTFLAGS", flags.join("\u{1f}".as_ref()));
        Ok(command)
    }
}

/// What every build for WASM is compiled with.
fn flags() -> Vec<OsString> {
    // SHA-256 takes two thirds of the time with SIMD, which every runtime has had since 2021 (Safari: 2023).
    // SHA-512 is part of Ed25519, where the curve takes the time: it is small instead.
    let mut flags: Vec<OsString> =
        vec!["-Ctarget-feature=+simd128".into(), "--cfg=sha2_backend_soft=\"compact\"".into()];
    // A published module tells nothing of the machine it was built on.
    let home = env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| env::home_dir().map(|home| home.join(".cargo")));
    if let Some(home) = home {
        let mut flag = OsString::from("--remap-path-prefix=");
        flag.push(home.join("registry/src"));
        flag.push("=");
        flags.push(flag);
    }
    flags
}

fn copy_files(from: &Path, to: &Path) -> Result<(), String> {
    let copy = || {
        for entry in fs::read_dir(from)? {
            let entry = entry?;
            fs::copy(entry.path(), to.join(entry.file_name()))?;
        }
        Ok(())
    };
    copy().map_err(|error: std::io::Error| {
        format!("cannot copy {} to {}: {error}", from.display(), to.display())
    })
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
