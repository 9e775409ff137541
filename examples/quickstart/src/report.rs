//! What the demo prints: a timeline with progress bars, and a table; or all of it as JSON.

use std::{
    fmt::Display,
    io::{IsTerminal, Write, stdout},
    time::Instant,
};

use serde::Serialize;
use serde_json::json;

use crate::compare::Difference;

/// What came of the demo.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// The orders.
    pub(crate) rows: Vec<Row>,
    /// What the two sides do not agree on.
    pub(crate) differences: Vec<Difference>,
}

/// One line of the timeline.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Line {
    /// Milliseconds since the start.
    pub(crate) at_ms: u128,
    /// The order's number; absent for what concerns all.
    pub(crate) order: Option<String>,
    /// Progress in percent, where the line is about an order.
    pub(crate) progress: Option<u8>,
    /// What happened.
    pub(crate) text: String,
}

/// One row of the table.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Row {
    /// The order's number.
    pub(crate) order: String,
    /// Its status in the shop.
    pub(crate) status: String,
    /// Its progress in percent.
    pub(crate) progress: u8,
    /// The stage its opportunity is in.
    pub(crate) stage: String,
    /// Requests GHL received for it; unknown where GHL is the real one.
    pub(crate) calls: Option<usize>,
    /// Those of them that went wrong on the way and took another call.
    pub(crate) retries: Option<usize>,
}

/// Prints as it goes, or gathers for JSON.
pub(crate) struct Report {
    json: bool,
    colour: bool,
    started: Instant,
    lines: Vec<Line>,
}

/// Prints a line; a reader that has gone away is no reason to fail.
pub(crate) fn say(text: impl Display) {
    let _ = writeln!(stdout(), "{text}");
}

impl Report {
    /// A report that begins now.
    pub(crate) fn new(json: bool) -> Self {
        let colour = !json && stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
        Self { json, colour, started: Instant::now(), lines: Vec::new() }
    }

    /// Something that concerns no single order.
    pub(crate) fn note(&mut self, text: impl Into<String>) {
        self.line(None, None, text.into());
    }

    /// Something that happened to an order, and its progress afterwards.
    pub(crate) fn step(&mut self, order: &str, progress: u8, text: impl Into<String>) {
        self.line(Some(order.to_owned()), Some(progress), text.into());
    }

    fn line(&mut self, order: Option<String>, progress: Option<u8>, text: String) {
        let line = Line { at_ms: self.started.elapsed().as_millis(), order, progress, text };
        if !self.json {
            let number = line.order.as_ref().map(|order| format!("#{order}")).unwrap_or_default();
            let bar = line.progress.map(|percent| self.bar(percent)).unwrap_or_default();
            let seconds = line.at_ms as f64 / 1_000.0;
            say(format_args!("{seconds:>7.2} s  {number:<6} {bar}{}", line.text));
        }
        self.lines.push(line);
    }

    fn bar(&self, percent: u8) -> String {
        let full = usize::from(percent.min(100)) / 5;
        let (on, off) = if self.colour { ("\x1b[32m", "\x1b[0m") } else { ("", "") };
        format!("{on}{}{off}{} {percent:>3} %  ", "█".repeat(full), "░".repeat(20 - full))
    }

    /// Prints the table and the verdict. Whether both sides are in step.
    pub(crate) fn finish(&self, outcome: &Outcome) -> bool {
        let Outcome { rows, differences } = outcome;
        let ok = differences.is_empty();
        if self.json {
            let document = json!({
                "ok": ok,
                "verdict": verdict(outcome),
                "orders": rows,
                "differences": differences,
                "timeline": self.lines,
            });
            say(format_args!("{document:#}"));
            return ok;
        }
        say("");
        for line in table(rows) {
            say(line);
        }
        say("");
        for Difference { order, what, shop, ghl } in differences {
            let order = order.as_ref().map(|order| format!("#{order}: ")).unwrap_or_default();
            say(format_args!("differs: {order}{what}: the shop has {shop:?}, GHL shows {ghl:?}"));
        }
        say(verdict(outcome));
        ok
    }

    /// Tells why the demo ended early; never in step.
    pub(crate) fn fail(&self, error: &str) -> bool {
        eprintln!("demo failed: {error}");
        if self.json {
            let document = json!({ "ok": false, "error": error, "timeline": self.lines });
            say(format_args!("{document:#}"));
        }
        false
    }
}

fn table(rows: &[Row]) -> Vec<String> {
    let count = |count: Option<usize>| count.map_or_else(|| "–".to_owned(), |count| count.to_string());
    let cells = rows.iter().map(|row| {
        let progress = format!("{} %", row.progress);
        let order = format!("#{}", row.order);
        [order, row.status.clone(), progress, row.stage.clone(), count(row.calls), count(row.retries)]
    });
    let head = ["order", "status", "progress", "GHL stage", "calls", "retries"].map(str::to_owned);
    let cells: Vec<[String; 6]> = std::iter::once(head).chain(cells).collect();
    let width = |column: usize| {
        let widths = cells.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count());
        widths.max().unwrap_or(0)
    };
    let [a, b, c, d, e, f] = std::array::from_fn(width);
    let line = |[order, status, progress, stage, calls, retries]: &[String; 6]| {
        format!("{order:<a$}   {status:<b$}   {progress:>c$}   {stage:<d$}   {calls:>e$}   {retries:>f$}")
    };
    cells.iter().map(line).collect()
}

fn verdict(outcome: &Outcome) -> String {
    let Outcome { rows, differences } = outcome;
    let differs = |row: &&Row| differences.iter().any(|d| d.order.as_ref() == Some(&row.order));
    let in_step = rows.len() - rows.iter().filter(differs).count();
    let word = if differences.is_empty() { "ok" } else { "failed" };
    format!("demo {word}: {in_step} orders in step, {} differences", differences.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(order: &str, calls: Option<usize>) -> Row {
        Row {
            order: order.to_owned(),
            status: "shipped".to_owned(),
            progress: 75,
            stage: "配送済み".to_owned(),
            calls,
            retries: calls,
        }
    }

    #[test]
    fn an_order_that_differs_is_not_in_step() {
        let of = |order: Option<&str>| Difference {
            order: order.map(str::to_owned),
            what: "opportunity.stage".to_owned(),
            shop: "stage_shipped".to_owned(),
            ghl: String::new(),
        };
        let verdict = |differences: Vec<Difference>| {
            verdict(&Outcome { rows: vec![row("1", Some(9)), row("12", Some(9))], differences })
        };
        assert_eq!(verdict(vec![]), "demo ok: 2 orders in step, 0 differences");
        let twice = vec![of(Some("1")), of(Some("1"))];
        assert_eq!(verdict(twice), "demo failed: 1 orders in step, 2 differences");
        assert_eq!(verdict(vec![of(None)]), "demo failed: 2 orders in step, 1 differences");
    }

    #[test]
    fn a_table_is_as_wide_as_its_cells_and_says_what_is_not_known() {
        let lines = table(&[row("1", Some(9)), row("DEMO-1764000000-1041", None)]);
        let wanted = [
            "order                   status    progress   GHL stage   calls   retries",
            "#1                      shipped       75 %   配送済み            9         9",
            "#DEMO-1764000000-1041   shipped       75 %   配送済み            –         –",
        ];
        assert_eq!(lines, wanted);
    }
}
