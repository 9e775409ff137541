//! The page of error codes says what the code says.

use std::{env, fs};

use ghlkit::Code;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/src/error-codes.md");
const REGENERATE: &str = "GHLKIT_BLESS=1 cargo test -p ghlkit --no-default-features --test error_codes";

fn page() -> String {
    let mut page = format!(
        "# Error codes\n\n\
         Every error carries one of these codes. They are stable: programs may match on them. *Retryable* says\n\
         whether the same call may succeed later without a change of its input.\n\n\
         This page is generated from the code: `{REGENERATE}`.\n\n\
         | Code | Retryable | Meaning |\n|---|---|---|\n"
    );
    for code in Code::ALL {
        let retryable = if code.retryable() { "yes" } else { "no" };
        page += &format!("| `{code}` | {retryable} | {} |\n", code.meaning().replace('|', "\\|"));
    }
    page
}

#[test]
fn the_page_matches_the_code() {
    if env::var_os("GHLKIT_BLESS").is_some() {
        fs::write(PAGE, page()).unwrap();
    }
    let written = fs::read_to_string(PAGE).unwrap_or_default();
    assert!(written == page(), "docs/src/error-codes.md differs from the codes; regenerate it: {REGENERATE}");
}
