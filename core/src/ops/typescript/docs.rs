//! Documentation as TSDoc.

use super::layout::WIDTH;

/// The documentation in front, and what follows it.
pub(super) fn split_docs(text: &str) -> (&str, &str) {
    let text = text.trim();
    match text.find("*/") {
        Some(end) if text.starts_with("/**") => {
            let (docs, code) = text.split_at(end + 2);
            (docs, code.trim())
        }
        _ => ("", text),
    }
}

/// A comment as it stands at a depth, without the links that only Rust's documentation can follow.
pub(super) fn docs_at(docs: &str, depth: usize) -> String {
    let margin = "  ".repeat(depth);
    let lines: Vec<String> = docs
        .lines()
        .map(|line| line.trim().trim_start_matches('*').trim())
        .filter(|line| !matches!(*line, "/**" | "/"))
        .flat_map(|line| wrapped(&without_links(line), WIDTH - 2 * depth - 3))
        .collect();
    match lines.as_slice() {
        [] => String::new(),
        [line] if line.len() + 2 * depth + 7 <= WIDTH => format!("{margin}/** {line} */\n"),
        lines => {
            let lines: String =
                lines.iter().map(|line| format!("{margin} * {line}").trim_end().to_owned() + "\n").collect();
            format!("{margin}/**\n{lines}{margin} */\n")
        }
    }
}

/// The line in parts of at most so many bytes, as far as its words allow.
fn wrapped(line: &str, width: usize) -> Vec<String> {
    let mut parts = vec![String::new()];
    for word in line.split(' ') {
        match parts.last_mut() {
            Some(part) if part.is_empty() => part.push_str(word),
            Some(part) if part.len() + 1 + word.len() <= width => {
                part.push(' ');
                part.push_str(word);
            }
            _ => parts.push(word.to_owned()),
        }
    }
    parts
}

/// ``[`a::b`](c)`` and ``[`a::b`]`` as `` `b` ``.
fn without_links(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some((before, after)) = rest.split_once("[`") {
        let Some((path, after)) = after.split_once("`]") else { break };
        let name = path.rsplit("::").next().unwrap_or(path);
        out += &format!("{before}`{name}`");
        rest = match after.strip_prefix('(').and_then(|link| link.split_once(')')) {
            Some((_, after)) => after,
            None => after,
        };
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_become_names() {
        assert_eq!(without_links("a [`B::c`] d [`e`](f::g) [h]"), "a `c` d `e` [h]");
        assert_eq!(without_links("an open [`one"), "an open [`one");
    }

    #[test]
    fn a_comment_takes_the_lines_it_needs() {
        assert_eq!(docs_at("/**\n * One.\n */", 1), "  /** One. */\n");
        assert_eq!(docs_at("/**\n * One.\n *\n * Two.\n */", 0), "/**\n * One.\n *\n * Two.\n */\n");
        let long =
            format!("/** * {} */", "word ".repeat(30)).replace(" * w", "\n * w").replace(" */", "\n */");
        let laid_out = docs_at(&long, 0);
        assert!(
            laid_out.lines().count() == 4 && laid_out.lines().all(|line| line.len() <= WIDTH),
            "{laid_out}"
        );
        assert_eq!(docs_at("", 3), "");
    }
}
