//! Whether the links of pages lead somewhere: to a file that is there, and in it to a place that has the name.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};

use crate::report::say;
use crate::workspace::Workspace;

/// What pages of the repository, which are read where they lie, link to each other.
const REPOSITORY: [&str; 6] = [
    "README.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "examples/edge/README.md",
    "examples/nextjs-shop/README.md",
];

/// What other crates' texts say, which rustdoc puts on pages of ours: tracing's and OpenTelemetry's.
const OF_OTHERS: [&str; 2] = ["dispatcher#setting-the-default-subscriber", "Context"];

/// Reads every page of the folder, and those of the repository, and says which links lead nowhere.
pub(crate) fn check(workspace: &Workspace, out: &Path) -> Result<(), String> {
    let mut pages = BTreeMap::new();
    collect(out, &mut pages)?;
    let mut lost: Vec<String> = Vec::new();
    let mut seen = 0;
    for (path, page) in &pages {
        for link in &page.links {
            seen += 1;
            if !OF_OTHERS.contains(&link.as_str()) && !resolves(workspace, out, &pages, path, link) {
                lost.push(format!("{} → {link}", path.strip_prefix(out).unwrap_or(path).display()));
            }
        }
    }
    for name in REPOSITORY {
        let file = workspace.root.join(name);
        for link in markdown_links(&read(&file)?) {
            seen += 1;
            if !normal(&file.with_file_name("").join(split(&link).0)).exists() {
                lost.push(format!("{name} → {link}"));
            }
        }
    }
    for line in &lost {
        say(line);
    }
    say(format_args!("{seen} links on {} pages", pages.len()));
    // A count of nothing means that the pages were not understood.
    match (seen, lost.len()) {
        (0, _) => Err("there is no link".to_owned()),
        (_, 0) => Ok(()),
        (_, lost) => Err(format!("{lost} links lead nowhere")),
    }
}

/// What a page has: the links on it within these pages, and the names of its places.
#[derive(Debug, Default, PartialEq, Eq)]
struct Page {
    links: BTreeSet<String>,
    places: BTreeSet<String>,
    /// It sends on to another page, where the places are.
    moved: bool,
}

impl Page {
    fn of(html: &str) -> Self {
        let mut page = Self { moved: html.contains("http-equiv=\"refresh\""), ..Self::default() };
        for tag in tags(html) {
            for name in ["id", "name"] {
                page.places.extend(attribute(tag, name).map(|place| decoded(&place)));
            }
            for name in ["href", "src"] {
                page.links.extend(attribute(tag, name).filter(|link| is_internal(link)));
            }
        }
        page
    }
}

fn is_internal(link: &str) -> bool {
    let scheme = link.split(['/', '?', '#']).next().unwrap_or_default().contains(':');
    !link.is_empty() && !scheme && !link.starts_with("//")
}

/// The tags of a page, without its scripts.
fn tags(html: &str) -> impl Iterator<Item = &str> {
    let mut rest = html;
    std::iter::from_fn(move || {
        loop {
            let (_, from) = rest.split_once('<')?;
            let (tag, after) = from.split_once('>')?;
            if !tag.starts_with("script") {
                rest = after;
                return Some(tag);
            }
            (_, rest) = after.split_once("</script")?;
        }
    })
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, value) = tag.split_once(&format!(" {name}=\""))?;
    let (value, _) = value.split_once('"')?;
    Some(value.replace("&amp;", "&").replace("&#x27;", "'").replace("&lt;", "<").replace("&gt;", ">"))
}

fn collect(folder: &Path, pages: &mut BTreeMap<PathBuf, Page>) -> Result<(), String> {
    let entries = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            collect(&path, pages)?;
        } else if path.extension().is_some_and(|extension| extension == "html") {
            pages.insert(path.clone(), Page::of(&read(&path)?));
        }
    }
    Ok(())
}

/// Whether a link of a page leads to a file, and to a place in it.
fn resolves(
    workspace: &Workspace,
    out: &Path,
    pages: &BTreeMap<PathBuf, Page>,
    from: &Path,
    link: &str,
) -> bool {
    let (path, place) = split(link);
    let mut target =
        if path.is_empty() { from.to_owned() } else { normal(&from.with_file_name("").join(&path)) };
    if !target.starts_with(out) {
        // A file of the repository, from where the page's text lies.
        let source = workspace.root.join("docs/src");
        let Ok(page) = from.strip_prefix(out) else { return false };
        return normal(&source.join(page).with_file_name("").join(&path)).exists();
    }
    if target.is_dir() {
        target.push("index.html");
    }
    match pages.get(&target) {
        // Numbers are lines of a source, whose places a script makes.
        Some(page) => {
            place.is_empty()
                || page.moved
                || page.places.contains(&place)
                || place.starts_with(|first: char| first.is_ascii_digit())
        }
        None => target.exists(),
    }
}

/// The path of a link and the place on the page, both as they are called.
fn split(link: &str) -> (String, String) {
    let (path, place) = link.split_once('#').unwrap_or((link, ""));
    (decoded(path.split('?').next().unwrap_or_default()), decoded(place))
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        bytes.extend_from_slice(before.as_bytes());
        match after.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => bytes.push(byte),
            None => return text.to_owned(),
        }
        rest = after.get(2..).unwrap_or_default();
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The path without `.` and `..`.
fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => drop(normal.pop()),
            Component::CurDir => {}
            part => normal.push(part),
        }
    }
    normal
}

/// The links of a text in Markdown, outside its blocks of code.
fn markdown_links(text: &str) -> BTreeSet<String> {
    let prose = text.split("```").step_by(2);
    let links = prose.flat_map(|part| part.split("](").skip(1).filter_map(|after| after.split(')').next()));
    links.filter(|link| is_internal(link) && !link.starts_with('#')).map(str::to_owned).collect()
}

fn read(file: &Path) -> Result<String, String> {
    fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn a_page_is_read_without_its_scripts_and_without_links_elsewhere() {
        let page = Page::of(
            "<h1 id=\"top\">T</h1><a href=\"a.html?x=1&amp;y#p\">a</a><script src=\"s.js\">'<a href=\"no.html\">'</script>\
             <a href=\"https://example.com\">b</a><a href=\"mailto:a@b\">c</a><img src=\"d/e.png\">",
        );
        assert_eq!(
            page,
            Page { links: of(&["a.html?x=1&y#p", "d/e.png"]), places: of(&["top"]), moved: false }
        );
    }

    #[test]
    fn links_are_followed_to_files_and_places() {
        let workspace = Workspace::load().unwrap();
        let out = std::env::temp_dir().join(format!("xtask-links-{}", std::process::id()));
        fs::create_dir_all(out.join("deep")).unwrap();
        fs::write(out.join("index.html"), "<h1 id=\"a%20b\"></h1>").unwrap();
        fs::write(out.join("deep/page.html"), "").unwrap();
        let mut pages = BTreeMap::new();
        collect(&out, &mut pages).unwrap();
        let from = out.join("deep/page.html");
        for good in [
            "../index.html#a%20b",
            "../",
            "page.html?q",
            "#",
            "../../../examples/edge",
            "../index.html#12-30",
        ] {
            assert!(resolves(&workspace, &out, &pages, &from, good), "{good}");
        }
        for bad in ["index.html", "../index.html#b", "#nowhere", "../../../examples/nothing"] {
            assert!(!resolves(&workspace, &out, &pages, &from, bad), "{bad}");
        }
        fs::remove_dir_all(&out).unwrap();
    }

    #[test]
    fn links_of_markdown_are_those_of_the_prose() {
        let text = "[a](docs/b.md#c) [d](https://example.com) [e](#f)\n```js\nx[0](y)\n```\n[g](../h)";
        assert_eq!(markdown_links(text), of(&["docs/b.md#c", "../h"]));
    }
}
