//! The packages that hold the addon, one for each platform, as the main package names them.

use std::env::consts::{ARCH, OS};
use std::fs;
use std::path::Path;

use serde_json::{Map, Value, json};

use super::put;
use crate::workspace::Workspace;

/// How the names of the packages begin.
const PREFIX: &str = "@ghlkit/node-";

/// This machine as npm's packages name it. The loader finds the same name when it runs.
pub(super) fn of_this_machine() -> Result<String, String> {
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

/// The platforms there are packages for.
pub(super) fn all(workspace: &Workspace) -> Result<Vec<String>, String> {
    Ok(platforms(&main_manifest(workspace)?)
        .into_iter()
        .flat_map(Map::keys)
        .filter_map(|name| name.strip_prefix(PREFIX))
        .map(str::to_owned)
        .collect())
}

/// Writes the package of a platform into a folder.
pub(super) fn write(
    workspace: &Workspace,
    platform: &str,
    addon: Option<&Path>,
    folder: &Path,
) -> Result<(), String> {
    let manifest = manifest(&main_manifest(workspace)?, platform)?;
    for licence in ["LICENSE-APACHE", "LICENSE-MIT"] {
        put(&workspace.root.join(licence), &folder.join(licence))?;
    }
    if let Some(addon) = addon {
        put(addon, &folder.join("ghlkit.node"))?;
    }
    let file = folder.join("package.json");
    fs::write(&file, format!("{manifest:#}\n")).map_err(|error| format!("{}: {error}", file.display()))
}

fn main_manifest(workspace: &Workspace) -> Result<Value, String> {
    let file = workspace.root.join("bindings-node/npm/package.json");
    let text = fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
    serde_json::from_str(&text).map_err(|error| format!("{}: {error}", file.display()))
}

fn platforms(main: &Value) -> Option<&Map<String, Value>> {
    main.get("optionalDependencies")?.as_object()
}

/// The manifest of a platform's package. The main package names it, and gives the version.
fn manifest(main: &Value, platform: &str) -> Result<Value, String> {
    let name = format!("{PREFIX}{platform}");
    let version = main.get("version");
    if version.is_none() || platforms(main).and_then(|all| all.get(&name)) != version {
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
        "files": ["ghlkit.node", "LICENSE-*"],
        "os": [os],
        "cpu": [cpu],
        "engines": main.get("engines"),
    });
    let libc = match (os, variant) {
        (Some("linux"), Some("musl")) => Some("musl"),
        (Some("linux"), _) => Some("glibc"),
        _ => None,
    };
    if let Some(fields) = manifest.as_object_mut() {
        fields.extend(libc.map(|libc| ("libc".into(), json!([libc]))));
        // A release says where it comes from.
        fields.extend(main.get("repository").map(|from| ("repository".into(), from.clone())));
    }
    Ok(manifest)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAIN: &str = include_str!("../../../bindings-node/npm/package.json");
    const LOADER: &str = include_str!("../../../bindings-node/npm/native.cjs");

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
        assert_eq!(platforms.len(), 7);
        let loaded = LOADER.split("require('").filter(|rest| rest.starts_with(PREFIX));
        assert!(loaded.filter_map(|rest| rest.split('\'').next()).eq(platforms.keys()));
        for name in platforms.keys() {
            let manifest = manifest(&main, name.strip_prefix(PREFIX).unwrap()).unwrap();
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
}
