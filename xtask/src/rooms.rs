//! The rooms of the core, held to the table in `ARCHITECTURE.md`: nothing reaches upward, nothing but `native`
//! needs an operating system. The compiler cannot say either, since modules of one crate may use each other freely.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

const ARCHITECTURE: &str = include_str!("../../ARCHITECTURE.md");

/// The only room that may need an operating system.
const NATIVE: &str = "native";
/// The helpers for tests, which tests of every room may use.
const TESTING: &str = "testing";
/// What `lib.rs` offers at its root out of the lowest room.
const ROOT: [&str; 3] = ["Code", "Error", "Result"];
const SYSTEM_CRATES: [&str; 6] = ["getrandom", "hyper", "hyper_util", "sqlx", "tokio", "tokio_tungstenite"];
const SYSTEM_MODULES: [&str; 5] = ["env", "fs", "net", "process", "thread"];
const SYSTEM_CLOCKS: [&str; 2] = ["Instant::now", "SystemTime::now"];

/// Each room and the rooms it may use.
type Rooms<'a> = BTreeMap<&'a str, BTreeSet<&'a str>>;

/// Checks every file below `source`, the `src` folder of the core.
pub(crate) fn check(source: &Path) -> Result<(), String> {
    let rooms = table(ARCHITECTURE);
    let mut defects = Vec::new();
    visit(source, &mut |path, text| {
        let inside = path.strip_prefix(source).unwrap_or(path);
        let first = inside.components().next().and_then(|part| part.as_os_str().to_str());
        let room = first.map_or("", |name| name.trim_end_matches(".rs"));
        if room != "lib" {
            let found = defects_of(room, text, &rooms);
            defects.extend(found.into_iter().map(|defect| format!("{}: {defect}", inside.display())));
        }
    })
    .map_err(|error| format!("cannot read {}: {error}", source.display()))?;
    if defects.is_empty() { Ok(()) } else { Err(defects.join("; ")) }
}

fn visit(folder: &Path, see: &mut impl FnMut(&Path, &str)) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            visit(&path, see)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            see(&path, &std::fs::read_to_string(&path)?);
        }
    }
    Ok(())
}

/// Reads the table: rooms in the first column, lowest first, and what each may use in the last.
/// The rooms of the first row are the vocabulary of all; what a room may use, its users may use too.
fn table(page: &str) -> Rooms<'_> {
    let mut rooms = Rooms::new();
    let mut vocabulary = BTreeSet::new();
    for line in page.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<_> = line.trim_matches('|').split('|').collect();
        let (Some(first), Some(last)) = (cells.first(), cells.last()) else { continue };
        let row: BTreeSet<_> = quoted(first).collect();
        if vocabulary.is_empty() {
            vocabulary.clone_from(&row);
        }
        let mut allowed = &vocabulary | &row;
        if last.trim() == "all above" {
            allowed.extend(rooms.keys());
        } else {
            allowed.extend(quoted(last).filter_map(|room| rooms.get(room)).flatten());
        }
        rooms.extend(row.into_iter().map(|room| (room, allowed.clone())));
    }
    rooms
}

/// The words between backticks.
fn quoted(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

fn defects_of(room: &str, text: &str, rooms: &Rooms<'_>) -> Vec<String> {
    let Some(allowed) = rooms.get(room) else {
        return vec![format!("`{room}` is no room of ARCHITECTURE.md")];
    };
    // Documentation may point upward; code may not.
    let code: Vec<_> = text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect();
    let code = code.join("\n");
    let mut defects: Vec<_> = named(&code, "crate")
        .into_iter()
        .filter(|name| *name != TESTING && !allowed.contains(name) && !ROOT.contains(name))
        .map(|name| format!("`{room}` may not use `crate::{name}`"))
        .collect();
    if room != NATIVE {
        let crates = SYSTEM_CRATES.into_iter().filter(|name| !named(&code, name).is_empty());
        // Tests may read a golden file or start a thread; what they may not have is a runtime or a clock.
        let production = code.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        let modules = named(production, "std").into_iter().filter(|name| SYSTEM_MODULES.contains(name));
        // The environment is read in one place, on the caller's request.
        let modules = modules.filter(|name| !(room == "config" && *name == "env"));
        let clocks = SYSTEM_CLOCKS.into_iter().filter(|name| code.contains(name));
        let system = crates.chain(modules).chain(clocks);
        defects.extend(system.map(|name| format!("`{room}` may not use the operating system (`{name}`)")));
    }
    defects
}

/// The first names after `root::` in a piece of code: `a` and `b` of `root::a::x`, `root::{b::{c, d}, a}`.
fn named<'a>(code: &'a str, root: &str) -> BTreeSet<&'a str> {
    let mut names = BTreeSet::new();
    let path = format!("{root}::");
    for (at, _) in code.match_indices(&path) {
        let (before, rest) =
            (code.get(..at).unwrap_or_default(), code.get(at + path.len()..).unwrap_or_default());
        if before.ends_with(|c: char| c.is_alphanumeric() || "_:".contains(c)) {
            continue;
        }
        match rest.strip_prefix('{') {
            None => names.extend(identifier(rest)),
            Some(group) => names.extend(group_names(group)),
        }
    }
    names
}

/// The first names of a group's members, the group's opening brace already taken.
fn group_names(group: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_usize;
    let mut starts = vec![0];
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => starts.push(at + 1),
            _ => {}
        }
    }
    starts.into_iter().filter_map(|start| identifier(group.get(start..)?.trim_start()))
}

fn identifier(text: &str) -> Option<&str> {
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
    text.get(..end).filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "\
| Room | Holds | May use |
|---|---|---|
| `error` `config` | words | – |
| `ports` | traits | – |
| `policy` | decisions | `ports` |
| `order` | statuses | – |
| `client` | calls | `policy` |
| `native` | the rest | all above |
";

    fn defects(room: &str, text: &str) -> Vec<String> {
        defects_of(room, text, &table(PAGE))
    }

    #[test]
    fn reads_the_table_and_what_follows_from_it() {
        let rooms = table(PAGE);
        let allowed = |room| rooms.get(room).unwrap().iter().copied().collect::<Vec<_>>().join(" ");
        assert_eq!(allowed("error"), "config error");
        assert_eq!(allowed("order"), "config error order");
        assert_eq!(allowed("client"), "client config error policy ports", "ports through policy");
        assert_eq!(allowed("native"), "client config error native order policy ports");
        assert_eq!(table("no table").len(), 0);
    }

    #[test]
    fn reads_this_project() {
        let rooms = table(ARCHITECTURE);
        let order = rooms.get("order").unwrap();
        assert!(order.contains("error") && !order.contains("sync"), "{order:?}");
        assert!(rooms.get(NATIVE).unwrap().contains("sync"));
        assert!(rooms.contains_key(TESTING));
    }

    #[test]
    fn finds_upward_use_however_it_is_written() {
        let upward = ["`policy` may not use `crate::client`"];
        assert_eq!(defects("policy", "use crate::client::Client;"), upward);
        assert_eq!(defects("policy", "use crate::{error::Error, client};"), upward);
        let nested = "use crate::{\n    ports::{Method, Clock},\n    client::{\n a::{B, C},\n },\n};";
        assert_eq!(defects("policy", nested), upward);
        assert_eq!(defects("policy", "fn f() -> crate::client::Reply { g() }"), upward);
        assert_eq!(defects("policy", "use crate::Engine;"), ["`policy` may not use `crate::Engine`"]);
        assert_eq!(defects("attic", ""), ["`attic` is no room of ARCHITECTURE.md"]);
    }

    #[test]
    fn accepts_what_lies_below_and_what_only_looks_alike() {
        for fine in [
            "use crate::{error::Code, policy::{a, b}, ports::{client, Method}};",
            "use crate::{Error, Result, testing::ManualClock};",
            "pub(crate) fn client() {}",
            "/// See [`crate::client`].\nuse crate::ports::Clock; // not crate::client",
            "use supercrate::client; use my::crate_::client;",
            "use std::{collections::BTreeMap, time::Duration};",
        ] {
            assert_eq!(defects("policy", fine), [""; 0], "{fine}");
        }
    }

    #[test]
    fn only_native_uses_the_operating_system() {
        for (text, name) in [
            ("#[tokio::test]", "tokio"),
            ("use hyper::Request;", "hyper"),
            ("use std::{env, fmt};", "env"),
            ("std::thread::spawn(f);", "thread"),
            ("let now = Instant::now();", "Instant::now"),
        ] {
            let defect = format!("`policy` may not use the operating system (`{name}`)");
            assert_eq!(defects("policy", text), [defect], "{text}");
            assert_eq!(defects("native", text), [""; 0], "{text}");
        }
        assert_eq!(defects("config", "std::env::var(name)"), [""; 0]);
        assert_eq!(defects("policy", "#[cfg(test)]\nmod tests {\n    use std::fs;\n}"), [""; 0]);
    }
}
