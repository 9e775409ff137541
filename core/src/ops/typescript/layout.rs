//! Lays out declarations as a person would write them: members on lines of their own, two blanks deep.

use super::docs::{docs_at, split_docs};

/// The longest line that is not broken.
pub(super) const WIDTH: usize = 110;

/// Lays out one declaration with its documentation; the text ends with a line break.
pub(super) fn declaration(text: &str) -> String {
    let (docs, code) = split_docs(text);
    let code = shape(code.trim_end_matches(';'), 0).replace("Record<symbol, never>", "Record<string, never>");
    let lines: String = code.lines().map(|line| broken_at_bars(line) + "\n").collect();
    docs_at(docs, 0) + &lines
}

/// The text with every object in it laid out for its depth.
fn shape(text: &str, depth: usize) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let (members, after) = after.split_at(closing(after));
        out += &before.replace('"', "'");
        out += &object(members, depth);
        rest = after.get(1..).unwrap_or_default();
    }
    out + &rest.replace('"', "'")
}

fn object(members: &str, depth: usize) -> String {
    let members: Vec<_> = split_at_commas(members).into_iter().map(split_docs).collect();
    if members.iter().all(|(docs, _)| docs.is_empty()) {
        let line: Vec<String> = members.iter().map(|(_, code)| member(code, depth)).collect();
        let line = line.join("; ");
        if line.len() + 2 * depth < WIDTH / 2 && !line.contains('\n') {
            return if line.is_empty() { "{}".to_owned() } else { format!("{{ {line} }}") };
        }
    }
    let margin = "  ".repeat(depth);
    let line = |(docs, code): (&str, &str)| {
        format!("{}{margin}  {}\n", docs_at(docs, depth + 1), member(code, depth + 1))
    };
    format!("{{\n{}{margin}}}", members.into_iter().map(line).collect::<String>())
}

/// One member of an object, its name without quotes where it needs none.
fn member(code: &str, depth: usize) -> String {
    let quoted = code.strip_prefix('"').and_then(|rest| rest.split_once('"'));
    match quoted {
        Some((name, rest)) if name.chars().all(|c| c.is_ascii_alphanumeric()) => {
            name.to_owned() + &shape(rest, depth)
        }
        _ => shape(code, depth),
    }
}

/// Puts the members of a union on lines of their own, where the line is too long for them.
fn broken_at_bars(line: &str) -> String {
    let in_brackets = line
        .strip_suffix(')')
        .and_then(|line| line.split_once(" & ("))
        .map(|(head, union)| (head, " & (", union, "\n)"));
    let declared = line.split_once(" = ").map(|(head, union)| (head, " =", union, ""));
    match in_brackets.or(declared) {
        Some((head, opening, union, end)) if line.len() > WIDTH && union.contains(" | ") => {
            format!("{head}{opening}\n  | {}{end}", union.replace(" | ", "\n  | "))
        }
        _ => line.to_owned(),
    }
}

/// Where the brace closes that was opened before the text.
fn closing(text: &str) -> usize {
    let mut depth = 0_usize;
    at_code(text, |c| {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => return true,
            '}' => depth -= 1,
            _ => {}
        }
        false
    })
    .unwrap_or(text.len())
}

/// The members of an object, or of anything between commas.
fn split_at_commas(text: &str) -> Vec<&str> {
    let mut members = Vec::new();
    let mut rest = text;
    while !rest.trim().is_empty() {
        let mut depth = 0_usize;
        let end = at_code(rest, |c| {
            match c {
                '{' | '<' | '(' | '[' => depth += 1,
                '}' | '>' | ')' | ']' => depth = depth.saturating_sub(1),
                _ => {}
            }
            c == ',' && depth == 0
        });
        let (member, after) = rest.split_at(end.unwrap_or(rest.len()));
        members.push(member.trim());
        rest = after.get(1..).unwrap_or_default();
    }
    members
}

/// The first place outside of comments where `found` says so.
fn at_code(text: &str, mut found: impl FnMut(char) -> bool) -> Option<usize> {
    let mut from = 0;
    loop {
        let rest = text.get(from..)?;
        let comment = rest.find("/**").unwrap_or(rest.len());
        let (code, comment) = rest.split_at(comment);
        if let Some((at, _)) = code.char_indices().find(|(_, c)| found(*c)) {
            return Some(from + at);
        }
        from += code.len() + comment.find("*/")? + 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_stand_on_lines_of_their_own_and_short_ones_together() {
        let text = "/**\n * A, [`b`](c::d) {c}.\n */\nexport type A<T> = { \n/**\n * It, \"so\".\n */\na?: \"x\" | 'y', b: { c: Array<{ d: [T, T], e?: null, }>, }, };";
        let laid_out = "\
/** A, `b` {c}. */
export type A<T> = {
  /** It, \"so\". */
  a?: 'x' | 'y'
  b: { c: Array<{ d: [T, T]; e?: null }> }
}
";
        assert_eq!(declaration(text), laid_out);
        assert_eq!(
            declaration("export interface B {\"c.d\": {  }, \"e\": F<1, 2>,}"),
            "\
export interface B { 'c.d': {}; e: F<1, 2> }
"
        );
    }

    #[test]
    fn a_union_is_broken_only_where_it_is_too_long() {
        let variants = |n: usize| vec![r#""variant""#; n].join(" | ");
        assert_eq!(
            declaration(&format!("export type A = {}", variants(2))),
            "export type A = 'variant' | 'variant'\n"
        );
        let broken = declaration(&format!("export type A = {}", variants(20)));
        assert!(broken.starts_with("export type A =\n  | 'variant'\n  | 'variant'\n"), "{broken}");
        assert_eq!(broken.lines().count(), 21);
        let broken = declaration(&format!("export type A = {{ b: string, }} & ({})", variants(20)));
        assert!(broken.starts_with("export type A = { b: string } & (\n  | 'variant'\n"), "{broken}");
        assert!(broken.ends_with("  | 'variant'\n)\n"), "{broken}");
    }
}
