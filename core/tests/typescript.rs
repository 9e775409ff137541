//! What is generated from the tables of operations says what they say: `cargo xtask types` writes it.

use std::{env, fs, io, path::Path};

use ghlkit::ops::typescript::{self, Table};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// Compares a file with what it should be, or writes it.
fn check(path: &str, text: &str) -> io::Result<()> {
    let path = Path::new(ROOT).join(path);
    if env::var_os("GHLKIT_BLESS").is_some() {
        path.parent().map_or(Ok(()), fs::create_dir_all)?;
        fs::write(&path, text)?;
    }
    let written = fs::read_to_string(&path)?;
    assert!(written == text, "{} differs from the code; write it with `cargo xtask types`", path.display());
    Ok(())
}

#[test]
fn the_types_match_the_code() {
    check("js/src/generated/types.ts", &typescript::types()).unwrap();
}

#[test]
fn the_operations_match_the_code() {
    check("js/src/generated/ops.ts", &typescript::ops()).unwrap();
}

#[test]
fn the_page_of_operations_matches_the_code() {
    let mut page = String::from(
        "# Operations\n\n\
         What the bindings can call by name. This page is generated from the code: `cargo xtask types`.\n",
    );
    for Table { interface, meaning, ops } in typescript::tables() {
        page += &format!("\n## {interface}\n\n{meaning}\n\n| Name | Route | Meaning |\n|---|---|---|\n");
        for op in ops {
            let route = (op.route)();
            let route = if route == "function" { route } else { format!("`{route}`") };
            page += &format!("| `{}` | {route} | {} |\n", op.name, op.meaning.trim().replace('|', "\\|"));
        }
    }
    check("docs/src/operations.md", &page).unwrap();
}
