//! What the demo prints: a timeline with progress bars, and a table; or all of it as JSON.

use std::{
    io::{IsTerminal, stdout},
    time::Instant,
};

use serde::Serialize;
use serde_json::json;

/// One line of the timeline.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Line {
    /// Milliseconds since the start.
    pub(crate) at_ms: u128,
    /// The order's number; absent for what concerns all.
    pub(crate) order: Option<String>,
    /// Progress in percent, where the line is about a status.
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
    /// Requests GHL received for it.
    pub(crate) calls: usize,
    /// Those of them that failed and were repeated.
    pub(crate) retries: usize,
}

/// Prints as it goes, or gathers for JSON.
pub(crate) struct Report {
    json: bool,
    colour: bool,
    started: Instant,
    lines: Vec<Line>,
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
            println!("{seconds:>7.2} s  {number:<6} {bar}{}", line.text);
        }
        self.lines.push(line);
    }

    fn bar(&self, percent: u8) -> String {
        let full = usize::from(percent.min(100)) / 5;
        let (on, off) = if self.colour { ("\x1b[32m", "\x1b[0m") } else { ("", "") };
        format!("{on}{}{off}{} {percent:>3} %  ", "█".repeat(full), "░".repeat(20 - full))
    }

    /// Prints the table and the verdict. Whether both sides are in step.
    pub(crate) fn finish(&self, rows: &[Row], differences: &[String]) -> bool {
        let ok = differences.is_empty();
        if self.json {
            let document =
                json!({ "ok": ok, "orders": rows, "differences": differences, "timeline": self.lines });
            println!("{document:#}");
            return ok;
        }
        println!();
        println!("order   status         progress   GHL stage      calls  retries");
        for row in rows {
            println!(
                "#{:<6} {:<14} {:>6} %   {:<14} {:>5} {:>8}",
                row.order, row.status, row.progress, row.stage, row.calls, row.retries
            );
        }
        println!();
        for difference in differences {
            println!("differs: {difference}");
        }
        let verdict = if ok { "ok" } else { "failed" };
        println!(
            "demo {verdict}: {} orders in step, {} differences",
            in_step(rows, differences),
            differences.len()
        );
        ok
    }
}

/// Orders that no difference speaks of.
fn in_step(rows: &[Row], differences: &[String]) -> usize {
    let differs = |row: &&Row| differences.iter().any(|d| d.starts_with(&format!("#{}:", row.order)));
    rows.len() - rows.iter().filter(differs).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_that_differs_is_not_in_step() {
        let row = |order: &str| Row {
            order: order.to_owned(),
            status: "shipped".to_owned(),
            progress: 75,
            stage: "Shipped".to_owned(),
            calls: 9,
            retries: 0,
        };
        let rows = [row("1"), row("12")];
        assert_eq!(in_step(&rows, &[]), 2);
        assert_eq!(in_step(&rows, &["#1: stage".to_owned(), "#1: tag".to_owned()]), 1);
    }
}
