//! What cargo knows about this workspace.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::process::{capture, cargo};

/// The library every binding and service is built on.
pub(crate) const CORE: &str = "ghlkit";

/// The parts of `cargo metadata` the tasks need.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Workspace {
    /// The folder of the repository, absolute.
    pub(crate) root: PathBuf,
    /// The folder build artefacts go to, absolute.
    pub(crate) target: PathBuf,
    /// The source folder of the core, absolute.
    pub(crate) core_source: PathBuf,
    /// The features of the core, in alphabetical order.
    pub(crate) core_features: Vec<String>,
}

impl Workspace {
    pub(crate) fn load() -> Result<Self, String> {
        let text = capture(&mut cargo(["metadata", "--no-deps", "--format-version", "1"]))?;
        let metadata = serde_json::from_str(&text).map_err(|error| format!("cargo metadata: {error}"))?;
        Self::read(&metadata).ok_or_else(|| format!("cargo metadata does not describe the package {CORE}"))
    }

    fn read(metadata: &Value) -> Option<Self> {
        let root = metadata.get("workspace_root")?.as_str()?.into();
        let target = metadata.get("target_directory")?.as_str()?.into();
        let packages = metadata.get("packages")?.as_array()?;
        let core = packages.iter().find(|package| package.get("name").is_some_and(|name| name == CORE))?;
        let manifest = Path::new(core.get("manifest_path")?.as_str()?);
        let core_source = manifest.with_file_name("src");
        let mut core_features: Vec<String> = core.get("features")?.as_object()?.keys().cloned().collect();
        core_features.sort();
        Some(Self { root, target, core_source, core_features })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn reads_the_features_of_the_core_only() {
        let metadata = json!({
            "workspace_root": "/somewhere",
            "target_directory": "/somewhere/target",
            "packages": [
                { "name": "mock-ghl", "features": { "server": [] } },
                {
                    "name": "ghlkit",
                    "manifest_path": "/somewhere/core/Cargo.toml",
                    "features": { "sqlite": ["native"], "native": [], "default": [] },
                },
            ],
        });
        let workspace = Workspace::read(&metadata).unwrap();
        assert_eq!(workspace.core_features, ["default", "native", "sqlite"]);
        assert_eq!(workspace.root, PathBuf::from("/somewhere"));
        assert_eq!(workspace.target, PathBuf::from("/somewhere/target"));
        assert_eq!(workspace.core_source, PathBuf::from("/somewhere/core/src"));
    }

    #[test]
    fn metadata_without_the_core_is_refused() {
        assert_eq!(
            Workspace::read(&json!({ "workspace_root": "r", "target_directory": "t", "packages": [] })),
            None
        );
        assert_eq!(Workspace::read(&json!({ "packages": [{ "name": "ghlkit", "features": {} }] })), None);
        assert_eq!(Workspace::read(&json!([])), None);
    }

    #[test]
    fn reads_this_workspace() {
        let workspace = Workspace::load().unwrap();
        assert!(workspace.target.is_absolute());
        assert!(workspace.core_source.join("lib.rs").exists());
        assert!(workspace.core_features.contains(&"native".to_owned()), "{:?}", workspace.core_features);
    }
}
