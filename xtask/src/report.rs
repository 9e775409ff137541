//! What the user sees of a run: each step as it starts and ends, a summary, and the count.

use std::fmt::Display;
use std::io::{IsTerminal, Write};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use crate::tally::Tally;

/// Prints a line. A reader that left (`cargo xtask test | head`) is no reason to stop working.
pub(crate) fn say(line: impl Display) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// How a step ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Passed,
    /// With the reason, in one line.
    Failed(String),
    /// With what is missing to run it, in one line.
    Skipped(String),
}

impl From<Result<(), String>> for Outcome {
    fn from(result: Result<(), String>) -> Self {
        match result {
            Ok(()) => Self::Passed,
            Err(reason) => Self::Failed(reason),
        }
    }
}

struct Row {
    step: String,
    outcome: Outcome,
    took: Duration,
}

/// Runs steps one after another and remembers how each ended.
pub(crate) struct Report {
    started: Instant,
    style: Style,
    tests: Tally,
    rows: Vec<Row>,
}

impl Report {
    pub(crate) fn new() -> Self {
        Self { started: Instant::now(), style: Style::of_stdout(), tests: Tally::default(), rows: Vec::new() }
    }

    /// Runs one step. What it adds to the tally are tests; the step itself is counted besides.
    pub(crate) fn step(&mut self, name: &str, work: impl FnOnce(&mut Tally) -> Outcome) {
        let title = self.style.bold(&format!("== {name}"));
        say(format_args!("\n{title}  ({} so far)", duration(self.started.elapsed())));
        let began = Instant::now();
        let outcome = work(&mut self.tests);
        let row = Row { step: name.to_owned(), outcome, took: began.elapsed() };
        say(row.line(self.style));
        self.rows.push(row);
    }

    /// Prints the summary, whose last line is `N passed, N failed, N skipped` and nothing else.
    pub(crate) fn finish(self) -> ExitCode {
        let total = self.total();
        let title = self.style.bold("== summary");
        say(format_args!("\n{title}  ({} in all)", duration(self.started.elapsed())));
        for row in &self.rows {
            say(row.line(self.style));
        }
        say(total);
        if total.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }

    /// The tests, and each step as one more.
    fn total(&self) -> Tally {
        let mut total = self.tests;
        for row in &self.rows {
            match row.outcome {
                Outcome::Passed => total.passed += 1,
                Outcome::Failed(_) => total.failed += 1,
                Outcome::Skipped(_) => total.skipped += 1,
            }
        }
        total
    }
}

impl Row {
    fn line(&self, style: Style) -> String {
        let (word, note) = match &self.outcome {
            Outcome::Passed => (style.green("passed "), ""),
            Outcome::Failed(reason) => (style.red("FAILED "), reason.as_str()),
            Outcome::Skipped(reason) => (style.yellow("skipped"), reason.as_str()),
        };
        let line = format!("{word} {:>8}  {}", duration(self.took), self.step);
        if note.is_empty() { line } else { format!("{line}: {note}") }
    }
}

/// `4.2 s` under a minute, `3 m 07 s` above.
fn duration(time: Duration) -> String {
    let seconds = time.as_secs();
    if seconds < 60 {
        format!("{:.1} s", time.as_secs_f64())
    } else {
        format!("{} m {:02} s", seconds / 60, seconds % 60)
    }
}

/// Colour on a terminal, plain text elsewhere.
#[derive(Clone, Copy)]
struct Style {
    colour: bool,
}

impl Style {
    fn of_stdout() -> Self {
        // https://no-color.org: set and not empty means off.
        let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self { colour: !refused && std::io::stdout().is_terminal() }
    }

    fn bold(self, text: &str) -> String {
        self.paint("1", text)
    }

    fn red(self, text: &str) -> String {
        self.paint("1;31", text)
    }

    fn green(self, text: &str) -> String {
        self.paint("32", text)
    }

    fn yellow(self, text: &str) -> String {
        self.paint("33", text)
    }

    fn paint(self, code: &str, text: &str) -> String {
        if self.colour { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(outcome: Outcome) -> Row {
        Row { step: "lint".into(), outcome, took: Duration::from_millis(1_250) }
    }

    #[test]
    fn counts_tests_and_steps_together() {
        let mut report = Report::new();
        report.tests = Tally { passed: 5, failed: 2, skipped: 1 };
        assert_eq!(report.total(), Tally { passed: 5, failed: 2, skipped: 1 });
        report.rows.push(row(Outcome::Passed));
        report.rows.push(row(Outcome::Failed("two tests".into())));
        report.rows.push(row(Outcome::Skipped("no such tool".into())));
        assert_eq!(report.total(), Tally { passed: 6, failed: 3, skipped: 2 });
    }

    #[test]
    fn a_row_says_why_and_is_plain_text_off_a_terminal() {
        let plain = Style { colour: false };
        assert_eq!(row(Outcome::Passed).line(plain), "passed     1.2 s  lint");
        assert_eq!(row(Outcome::Failed("why".into())).line(plain), "FAILED     1.2 s  lint: why");
        assert_eq!(row(Outcome::Skipped("what".into())).line(plain), "skipped    1.2 s  lint: what");
        let coloured = row(Outcome::Passed).line(Style { colour: true });
        assert!(coloured.starts_with("\x1b[32mpassed \x1b[0m"), "{coloured:?}");
    }

    #[test]
    fn durations_read_well() {
        assert_eq!(duration(Duration::from_millis(40)), "0.0 s");
        assert_eq!(duration(Duration::from_secs(59)), "59.0 s");
        assert_eq!(duration(Duration::from_secs(187)), "3 m 07 s");
    }
}
