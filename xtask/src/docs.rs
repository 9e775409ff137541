//! `cargo xtask docs`: the guide as a book, and behind it the pages of the crates and of the packages, in one folder.

use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode};

use crate::js;
use crate::process::{capture, cargo, run as run_command};
use crate::report::{Outcome, Report, say};
use crate::workspace::Workspace;

mod links;

/// The version of mdBook, which is built once in the target folder, quickly rather than to be quick.
const MDBOOK: &str = "0.5.4";
/// What a package's types are read from, below its folder.
const TYPES: [(js::Package, &[&str]); 2] = [
    (js::Package::Node, &["dist/types/node.d.ts"]),
    (js::Package::Wasm, &["dist/full/types/wasm.d.ts", "dist/verify/types/verify.d.ts"]),
];

/// Writes all of it to `target/docs`.
pub(crate) fn run() -> ExitCode {
    let mut report = Report::new();
    match Workspace::load() {
        Ok(workspace) => {
            write(&mut report, &workspace);
            say(format_args!("\n{}", workspace.target.join("docs/index.html").display()));
        }
        Err(reason) => report.step("workspace", |_| Outcome::Failed(reason)),
    }
    report.finish()
}

/// The steps of it; the last sees that every link leads somewhere.
pub(crate) fn write(report: &mut Report, workspace: &Workspace) {
    let out = workspace.target.join("docs");
    report.step("mdBook", |_| install(workspace).into());
    report.step("book", |_| {
        // It empties the folder first, so that no page of before is left.
        run_command(
            mdbook(workspace).arg("build").arg(workspace.root.join("docs")).arg("--dest-dir").arg(&out),
        )
        .into()
    });
    report.step("pages of the crates", |_| crates(workspace, &out.join("rust")).into());
    report.step("pages of the packages", |_| types(workspace, &out).into());
    report.step("links", |_| links::check(workspace, &out).into());
}

/// The pages of the workspace's crates, where no link between items may be broken.
pub(crate) fn rustdoc() -> Command {
    let mut doc = cargo(["doc", "--workspace", "--no-deps", "--all-features"]);
    doc.env("RUSTDOCFLAGS", "-D warnings");
    doc
}

fn mdbook(workspace: &Workspace) -> Command {
    Command::new(workspace.target.join("tools/bin").join(format!("mdbook{}", std::env::consts::EXE_SUFFIX)))
}

fn install(workspace: &Workspace) -> Result<(), String> {
    if capture(mdbook(workspace).arg("--version"))
        .is_ok_and(|version| version.trim() == format!("mdbook v{MDBOOK}"))
    {
        return Ok(());
    }
    let mut install =
        cargo(["install", "mdbook", "--version", MDBOOK, "--locked", "--debug", "--no-default-features"]);
    install.args(["--features", "search", "--root"]).arg(workspace.target.join("tools"));
    run_command(install.env("CARGO_PROFILE_DEV_DEBUG", "0"))
}

fn crates(workspace: &Workspace, out: &Path) -> Result<(), String> {
    run_command(&mut rustdoc())?;
    copy(&workspace.target.join("doc"), out)?;
    // Of several crates rustdoc makes no first page, which its pages link to.
    let first = out.join("index.html");
    fs::write(&first, "<meta http-equiv=\"refresh\" content=\"0; url=ghlkit/index.html\">")
        .map_err(|error| format!("{}: {error}", first.display()))
}

fn types(workspace: &Workspace, out: &Path) -> Result<(), String> {
    let project = workspace.root.join("docs/typedoc");
    js::install(&project)?;
    js::declare(workspace)?;
    for (package, entries) in TYPES {
        let folder = workspace.root.join(package.folder());
        let mut typedoc = Command::new("node");
        typedoc.arg(project.join("node_modules/typedoc/bin/typedoc"));
        typedoc.arg("--options").arg(project.join("typedoc.json")).args(["--name", &package.name(), "--out"]);
        typedoc.arg(out.join(package.host()));
        for entry in entries {
            typedoc.arg("--entryPoints").arg(folder.join(entry));
        }
        run_command(&mut typedoc)?;
    }
    Ok(())
}

/// Copies a folder with all that is in it.
fn copy(from: &Path, to: &Path) -> Result<(), String> {
    let failed = |error| format!("cannot copy {} to {}: {error}", from.display(), to.display());
    fs::create_dir_all(to).map_err(failed)?;
    for entry in fs::read_dir(from).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let Some(name) = path.file_name() else { continue };
        if path.is_dir() {
            copy(&path, &to.join(name))?;
        } else {
            fs::copy(&path, to.join(name)).map_err(failed)?;
        }
    }
    Ok(())
}
