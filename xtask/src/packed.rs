//! The packages as npm packs them, in a project that uses them as a user's does.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::js::{self, Package};
use crate::node;
use crate::process::run;
use crate::workspace::Workspace;

/// Installs what a project's lockfile names from the registry, and these packages, which are on none yet, from archives.
pub(crate) fn install(workspace: &Workspace, project: &Path, packages: &[Package]) -> Result<(), String> {
    js::install(project)?;
    let modules = project.join("node_modules");
    let packed = folder(workspace);
    for package in packages {
        let name = package.name();
        pack(&workspace.root.join(package.folder()), &packed)?;
        unpack(&packed.join(file_name(&name)), &modules.join(&name))?;
    }
    if packages.contains(&Package::Node) { node::install(workspace, &modules) } else { Ok(()) }
}

/// Where archives are put.
pub(crate) fn folder(workspace: &Workspace) -> PathBuf {
    workspace.target.join("npm")
}

/// Packs the package in `source` as it would be published.
pub(crate) fn pack(source: &Path, folder: &Path) -> Result<(), String> {
    fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    run(js::npm().args(["pack", "--silent", "--pack-destination"]).arg(folder).arg(source))
}

/// What npm calls a package's archive.
fn file_name(package: &str) -> String {
    format!("{}-{}.tgz", package.trim_start_matches('@').replace('/', "-"), env!("CARGO_PKG_VERSION"))
}

fn unpack(archive: &Path, folder: &Path) -> Result<(), String> {
    let clear = || {
        if folder.exists() {
            fs::remove_dir_all(folder)?;
        }
        fs::create_dir_all(folder)
    };
    clear().map_err(|error| format!("{}: {error}", folder.display()))?;
    run(Command::new("tar").arg("-xzf").arg(archive).args(["--strip-components", "1", "-C"]).arg(folder))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn archives_are_called_as_npm_calls_them() {
        assert_eq!(file_name("@ghlkit/node"), format!("ghlkit-node-{}.tgz", env!("CARGO_PKG_VERSION")));
    }
}
