//! What the product may be built on: no second TLS stack, no RSA with its timing leak, licences that fit ours.

use crate::process::{capture, cargo, run, works};
use crate::report::{Outcome, say};

/// Crates that must not be in the graph of the product, and why.
const BANNED: [(&str, &str); 4] = [
    ("native-tls", "TLS is rustls on every platform"),
    ("openssl", "TLS is rustls on every platform"),
    ("openssl-sys", "TLS is rustls on every platform"),
    ("rsa", "its private-key operations leak timing, and nothing here needs RSA"),
];

/// Fails when a banned crate is reachable through normal or build dependencies, on any platform.
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
            say(format_args!("{} crates in the graph", names(&tree).count()));
            banned(&tree).into()
        }
        Err(reason) => Outcome::Failed(reason),
    }
}

fn banned(tree: &str) -> Result<(), String> {
    for (name, why) in BANNED {
        if names(tree).any(|found| found == name) {
            return Err(format!(
                "`{name}` is in the graph, but {why}; \
                 see `cargo tree --workspace --all-features --target all --invert {name}`"
            ));
        }
    }
    Ok(())
}

/// The crate names of `cargo tree --prefix=none`: each once, though a crate used twice is listed twice.
fn names(tree: &str) -> impl Iterator<Item = &str> {
    let mut names: Vec<_> = tree.lines().filter_map(|line| line.split_whitespace().next()).collect();
    names.sort_unstable();
    names.dedup();
    names.into_iter()
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
    fn names_each_crate_once() {
        assert_eq!(names(TREE).collect::<Vec<_>>(), ["base64", "ghlkit", "mock-ghl", "reqwest"]);
    }

    #[test]
    fn accepts_a_clean_graph_and_crates_that_only_sound_banned() {
        assert_eq!(banned(TREE), Ok(()));
        assert_eq!(banned(&format!("{TREE}openssl-probe v0.2.1\nrsa-like v1.0.0\n")), Ok(()));
    }

    #[test]
    fn names_each_banned_crate_and_how_to_find_it() {
        for (name, _) in BANNED {
            let error = banned(&format!("{TREE}{name} v0.9.1\n")).unwrap_err();
            assert!(error.starts_with(&format!("`{name}` is in the graph")), "{error}");
            assert!(error.ends_with(&format!("--invert {name}`")), "{error}");
        }
    }
}
