//! What the product may be built on, as `deny.toml` has it.

use std::collections::BTreeSet;

use crate::process::{capture, cargo, run, works};
use crate::report::{Outcome, say};

const DENY: &str = include_str!("../../deny.toml");
const MANIFEST: &str = include_str!("../../Cargo.toml");
const CHANGELOG: &str = include_str!("../../CHANGELOG.md");

/// Fails when a crate banned by `deny.toml` is reachable through normal or build dependencies, on any platform.
pub(crate) fn gate() -> Outcome {
    let tree = capture(&mut cargo([
        "tree",
        "--workspace",
        "--all-features",
        "--target=all",
        "--edges=normal,build",
        "--prefix=none",
        "--format={p}",
    ]));
    match tree {
        Ok(tree) => {
            say(format_args!("{} crates in the graph", names(&tree).len()));
            banned(&tree).into()
        }
        Err(reason) => Outcome::Failed(reason),
    }
}

fn banned(tree: &str) -> Result<(), String> {
    let names = names(tree);
    for (name, why) in bans(DENY) {
        if names.contains(name) {
            return Err(format!(
                "`{name}` is in the graph, but {why}; \
                 see `cargo tree --workspace --all-features --target all --invert {name}`"
            ));
        }
    }
    Ok(())
}

/// The crates `deny.toml` bans, each with its reason: the lines `{ crate = "name", reason = "why" },`.
fn bans(deny: &str) -> impl Iterator<Item = (&str, &str)> {
    deny.lines().filter_map(|line| {
        let entry = line.trim().strip_prefix("{ crate = \"")?.strip_suffix("\" },")?;
        entry.split_once("\", reason = \"")
    })
}

/// The crate names of `cargo tree --prefix=none`, which lists a crate as often as it is used.
fn names(tree: &str) -> BTreeSet<&str> {
    tree.lines().filter_map(|line| line.split_whitespace().next()).collect()
}

/// Fails when `CHANGELOG.md` does not give the reason for a dependency of the workspace.
pub(crate) fn reasons() -> Outcome {
    let missing: Vec<_> = unexplained(MANIFEST, CHANGELOG).collect();
    if missing.is_empty() {
        Outcome::Passed
    } else {
        Outcome::Failed(format!("CHANGELOG.md lacks the reason for {}", missing.join(", ")))
    }
}

/// The crates under `[workspace.dependencies]`, ours left out, that have no row in the changelog's table.
fn unexplained<'a>(manifest: &'a str, changelog: &str) -> impl Iterator<Item = &'a str> {
    let section = manifest.lines().skip_while(|line| *line != "[workspace.dependencies]").skip(1);
    section
        .take_while(|line| !line.starts_with('['))
        .filter(|line| !line.starts_with('#') && !line.contains("path = "))
        .filter_map(|line| Some(line.split_once('=')?.0.trim()))
        .filter(|name| !changelog.lines().any(|line| line.starts_with(&format!("| `{name}` |"))))
}

/// Licences, bans and sources as `deny.toml` has them, where the tool is installed.
pub(crate) fn deny() -> Outcome {
    if !works(&mut cargo(["deny", "--version"])) {
        return Outcome::Skipped("needs `cargo install cargo-deny --locked`".into());
    }
    run(&mut cargo(["deny", "--all-features", "check", "licenses", "bans", "sources"])).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TREE: &str = "\
ghlkit v0.1.0 (/somewhere/core)
base64 v0.23.0
reqwest v0.13.5
base64 v0.23.0 (*)

mock-ghl v0.1.0 (/somewhere/tests/mock-ghl)
";

    #[test]
    fn reads_every_ban_with_its_reason() {
        let names: Vec<_> = bans(DENY).map(|(name, _)| name).collect();
        assert_eq!(names, ["native-tls", "openssl", "openssl-sys", "rsa"]);
        assert!(bans(DENY).all(|(_, why)| !why.is_empty()));
        assert_eq!(DENY.matches("{ crate = ").count(), names.len(), "an entry that is not read");
    }

    #[test]
    fn names_dependencies_without_a_reason() {
        let manifest = "\
[workspace]
members = []

[workspace.dependencies]
ours = { path = \"ours\" }

# why
axum = { version = \"0.8\", default-features = false }
getrandom = \"0.4\"
uuid = \"1\"

[profile.dev]
debug = 1
";
        let changelog = "uses `axum`\n| `getrandom` | tokens | the system's |\n";
        assert_eq!(unexplained(manifest, changelog).collect::<Vec<_>>(), ["axum", "uuid"]);
        assert_eq!(unexplained("[profile.dev]\ndebug = 1\n", changelog).count(), 0);
        assert!(unexplained(MANIFEST, "").count() > 10, "the section is found");
    }

    #[test]
    fn names_each_crate_once() {
        assert_eq!(Vec::from_iter(names(TREE)), ["base64", "ghlkit", "mock-ghl", "reqwest"]);
    }

    #[test]
    fn accepts_a_clean_graph_and_crates_that_only_sound_banned() {
        assert_eq!(banned(TREE), Ok(()));
        assert_eq!(banned(&format!("{TREE}openssl-probe v0.2.1\nrsa-like v1.0.0\n")), Ok(()));
    }

    #[test]
    fn names_each_banned_crate_and_how_to_find_it() {
        for (name, _) in bans(DENY) {
            let error = banned(&format!("{TREE}{name} v0.9.1\n")).unwrap_err();
            assert!(error.starts_with(&format!("`{name}` is in the graph")), "{error}");
            assert!(error.ends_with(&format!("--invert {name}`")), "{error}");
        }
    }
}
