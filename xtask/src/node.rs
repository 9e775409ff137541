//! The compiled core of `@ghlkit/node`: the addon, beside the package's JavaScript and as a package of its own.

use std::env::consts::{ARCH, DLL_PREFIX, DLL_SUFFIX, OS};
use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::js::{self, Package};
use crate::process::{cargo, run};
use crate::report::{Outcome, say};
use crate::tally::Tally;
use crate::workspace::Workspace;

/// The crate of the addon.
const CRATE: &str = "ghlkit-node";

/// Builds the addon and puts it, with its loader, where the package looks for it first. For a release it is
/// small, and stands in `target/npm` as the platform's package as well; that takes minutes.
pub(crate) fn build(workspace: &Workspace, release: bool) -> Result<(), String> {
    let (profile, folder) = if release { ("addon", "addon") } else { ("dev", "debug") };
    run(&mut cargo(["build", "--package", CRATE, "--profile", profile]))?;
    let library = format!("{DLL_PREFIX}{}{DLL_SUFFIX}", CRATE.replace('-', "_"));
    let addon = workspace.target.join(folder).join(library);
    let package = workspace.root.join("bindings-node/npm");
    let platform = platform()?;
    put(&addon, &package.join(format!("dist/ghlkit.{platform}.node")))?;
    put(&package.join("native.cjs"), &package.join("dist/native.cjs"))?;
    if release {
        let own = workspace.target.join("npm").join(format!("node-{platform}"));
        write_platform_package(workspace, &addon, &platform, &own)?;
        let bytes = fs::metadata(&addon).map_err(|error| format!("{}: {error}", addon.display()))?.len();
        say(format_args!("the addon for {platform} has {bytes} bytes: {}", own.display()));
    }
    Ok(())
}

/// Puts the package of this platform, around the addon of the last build for tests, among a project's.
pub(crate) fn install(workspace: &Workspace, modules: &Path) -> Result<(), String> {
    let platform = platform()?;
    let addon = workspace.root.join(format!("bindings-node/npm/dist/ghlkit.{platform}.node"));
    let own = modules.join(format!("@ghlkit/node-{platform}"));
    write_platform_package(workspace, &addon, &platform, &own)
}

fn write_platform_package(
    workspace: &Workspace,
    addon: &Path,
    platform: &str,
    own: &Path,
) -> Result<(), String> {
    let manifest = manifest(&read(&workspace.root.join("bindings-node/npm/package.json"))?, platform)?;
    put(addon, &own.join("ghlkit.node"))?;
    for licence in ["LICENSE-APACHE", "LICENSE-MIT"] {
        put(&workspace.root.join(licence), &own.join(licence))?;
    }
    let file = own.join("package.json");
    fs::write(&file, format!("{manifest:#}\n")).map_err(|error| format!("{}: {error}", file.display()))
}

/// Tries the addon as JavaScript finds it, without the surface over it.
pub(crate) fn test(workspace: &Workspace, tally: &mut Tally) -> Outcome {
    js::run_suite(workspace, "bindings-node/tests", Package::Node, tally)
}

/// This machine as npm's packages name it. The loader finds the same name when it runs.
fn platform() -> Result<String, String> {
    let cpu = match ARCH {
        "x86_64" => "x64",
        "aarch64" => "arm64",
        other => other,
    };
    match (OS, cfg!(target_env = "musl")) {
        ("linux", true) => Ok(format!("linux-{cpu}-musl")),
        ("linux", false) => Ok(format!("linux-{cpu}-gnu")),
        ("macos", _) => Ok(format!("darwin-{cpu}")),
        ("windows", _) => Ok(format!("win32-{cpu}-msvc")),
        (other, _) => Err(format!("there is no package for {other}; use Linux, macOS or Windows")),
    }
}

/// The manifest of a platform's package. The main package names it, and gives the version.
fn manifest(main: &Value, platform: &str) -> Result<Value, String> {
    let name = format!("@ghlkit/node-{platform}");
    let version = main.get("version");
    if version.is_none() || main.pointer("/optionalDependencies").and_then(|all| all.get(&name)) != version {
        return Err(format!(
            "package.json must have {name} among its optionalDependencies, in its own version"
        ));
    }
    let mut parts = platform.split('-');
    let (os, cpu, variant) = (parts.next(), parts.next(), parts.next());
    let mut manifest = json!({
        "name": name,
        "version": version,
        "description": format!("The compiled core of @ghlkit/node for {platform}."),
        "license": main.get("license"),
        "main": "ghlkit.node",
        "files": ["ghlkit.node"],
        "os": [os],
        "cpu": [cpu],
        "engines": main.get("engines"),
    });
    let libc = match (os, variant) {
        (Some("linux"), Some("musl")) => Some("musl"),
        (Some("linux"), _) => Some("glibc"),
        _ => None,
    };
    if let (Some(libc), Some(fields)) = (libc, manifest.as_object_mut()) {
        fields.insert("libc".into(), json!([libc]));
    }
    Ok(manifest)
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

fn read(file: &Path) -> Result<Value, String> {
    let text = fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    serde_json::from_str(&text).map_err(|error| format!("{}: {error}", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAIN: &str = include_str!("../../bindings-node/npm/package.json");
    const LOADER: &str = include_str!("../../bindings-node/npm/native.cjs");

    fn main_manifest() -> Value {
        serde_json::from_str(MAIN).unwrap()
    }

    #[test]
    fn every_platform_has_a_manifest_in_the_version_of_the_workspace() {
        let main = main_manifest();
        assert_eq!(main["version"], env!("CARGO_PKG_VERSION"));
        assert!(LOADER.contains(concat!("const VERSION = '", env!("CARGO_PKG_VERSION"), "'")));
        assert!(main["dependencies"].is_null() && main["scripts"].is_null());
        let platforms = main["optionalDependencies"].as_object().unwrap();
        assert_eq!(platforms.len(), 6);
        for name in platforms.keys() {
            let manifest = manifest(&main, name.strip_prefix("@ghlkit/node-").unwrap()).unwrap();
            assert_eq!((&manifest["name"], &manifest["version"]), (&json!(name), &main["version"]));
        }
        let musl = manifest(&main, "linux-x64-musl").unwrap();
        let limits = json!([musl["os"], musl["cpu"], musl["libc"]]);
        assert_eq!(limits, json!([["linux"], ["x64"], ["musl"]]));
        assert_eq!(manifest(&main, "linux-arm64-gnu").unwrap()["libc"], json!(["glibc"]));
        assert!(manifest(&main, "win32-x64-msvc").unwrap()["libc"].is_null());
    }

    #[test]
    fn a_platform_the_main_package_does_not_name_is_refused() {
        let error = manifest(&main_manifest(), "linux-s390x-gnu").unwrap_err();
        assert!(error.contains("@ghlkit/node-linux-s390x-gnu"), "{error}");
    }

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
