//! The compiled core of `@ghlkit/node`: the addon, beside the package's JavaScript and as a package of its own.

mod platform;

use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::js::{self, Package};
use crate::packed;
use crate::process::{cargo, run};
use crate::report::{Outcome, Report, say};
use crate::tally::Tally;
use crate::workspace::Workspace;

/// The crate of the addon.
const CRATE: &str = "ghlkit-node";

/// Builds the addon and puts it, with its loader, where the package looks for it first. For a release it is small, which
/// takes minutes.
pub(crate) fn build(workspace: &Workspace, release: bool) -> Result<(), String> {
    let (profile, folder) = if release { ("addon", "addon") } else { ("dev", "debug") };
    run(&mut cargo(["build", "--package", CRATE, "--profile", profile]))?;
    let library = format!("{DLL_PREFIX}{}{DLL_SUFFIX}", CRATE.replace('-', "_"));
    let package = workspace.root.join("bindings-node/npm");
    put(&workspace.target.join(folder).join(library), &built(workspace, &platform::of_this_machine()?))?;
    put(&package.join("native.cjs"), &package.join("dist/native.cjs"))
}

/// Where the addon of the last build is.
fn built(workspace: &Workspace, platform: &str) -> PathBuf {
    workspace.root.join(format!("bindings-node/npm/dist/ghlkit.{platform}.node"))
}

/// `cargo xtask addon`: builds the addon as it is released, tries it, and packs the package of this platform.
pub(crate) fn release() -> ExitCode {
    let mut report = Report::new();
    let mut workspace = None;
    report.step("addon", |_| Workspace::load().and_then(|found| build(workspace.insert(found), true)).into());
    if let Some(workspace) = &workspace {
        report.step("addon from JavaScript", |tally| test(workspace, tally));
        report.step("package", |_| pack(workspace).into());
    }
    report.finish()
}

fn pack(workspace: &Workspace) -> Result<(), String> {
    let platform = platform::of_this_machine()?;
    let addon = built(workspace, &platform);
    let folder = packed::folder(workspace);
    let own = folder.join(format!("node-{platform}"));
    platform::write(workspace, &platform, Some(&addon), &own)?;
    let bytes = fs::metadata(&addon).map_err(|error| format!("{}: {error}", addon.display()))?.len();
    say(format_args!("the addon for {platform} has {bytes} bytes; its package is in {}", folder.display()));
    packed::pack(&own, &folder)
}

/// Puts the package of this platform, around the addon of the last build, among a project's.
pub(crate) fn install(workspace: &Workspace, modules: &Path) -> Result<(), String> {
    let platform = platform::of_this_machine()?;
    let own = modules.join(format!("@ghlkit/node-{platform}"));
    platform::write(workspace, &platform, Some(&built(workspace, &platform)), &own)
}

/// Writes the packages of all platforms into a folder: that of this machine around the addon of the last build, the
/// others without one.
pub(crate) fn write_platform_packages(workspace: &Workspace, folder: &Path) -> Result<(), String> {
    let own = platform::of_this_machine()?;
    for platform in platform::all(workspace)? {
        let addon = (platform == own).then(|| built(workspace, &platform));
        platform::write(workspace, &platform, addon.as_deref(), &folder.join(&platform))?;
    }
    Ok(())
}

/// Tries the addon as JavaScript finds it, without the surface over it.
pub(crate) fn test(workspace: &Workspace, tally: &mut Tally) -> Outcome {
    js::run_suite(workspace, "bindings-node/tests", Package::Node, tally)
}

/// Copies a file; a process that has the old one loaded keeps it.
fn put(from: &Path, to: &Path) -> Result<(), String> {
    let put = || {
        to.parent().map_or(Ok(()), fs::create_dir_all)?;
        let beside = to.with_extension("new");
        fs::copy(from, &beside)?;
        fs::rename(&beside, to)
    };
    put().map_err(|error| format!("cannot copy {} to {}: {error}", from.display(), to.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_replaces_what_was_there() {
        let folder = std::env::temp_dir().join(format!("xtask-node-put-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let (from, to) = (folder.join("from"), folder.join("deep/to.node"));
        for text in ["one", "two"] {
            fs::write(&from, text).unwrap();
            put(&from, &to).unwrap();
            assert_eq!(fs::read_to_string(&to).unwrap(), text);
        }
        assert_eq!(fs::read_dir(folder.join("deep")).unwrap().count(), 1, "nothing is left beside it");
        fs::remove_dir_all(&folder).unwrap();
        assert!(put(&from, &to).unwrap_err().starts_with("cannot copy "));
    }
}
