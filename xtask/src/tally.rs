//! Counting: how many tests and steps passed, failed or were skipped.

use std::fmt;
use std::ops::AddAssign;

/// Counts of tests or steps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) skipped: u64,
}

impl Tally {
    /// Reads the line with which one test binary ends, such as
    /// `test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.05s`.
    pub(crate) fn of_test_result(line: &str) -> Option<Self> {
        let counts =
            line.strip_prefix("test result: ok. ").or_else(|| line.strip_prefix("test result: FAILED. "))?;
        let count = |label: &str| -> Option<u64> {
            let part = counts.split("; ").find_map(|part| part.strip_suffix(label))?;
            part.parse().ok()
        };
        Some(Self { passed: count(" passed")?, failed: count(" failed")?, skipped: count(" ignored")? })
    }

    pub(crate) fn total(self) -> u64 {
        self.passed + self.failed + self.skipped
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} passed, {} failed, {} skipped", self.passed, self.failed, self.skipped)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_good_and_bad_results() {
        let ok =
            "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.05s";
        assert_eq!(Tally::of_test_result(ok), Some(Tally { passed: 12, failed: 0, skipped: 1 }));
        let bad = "test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 7 filtered out; finished in 1.00s";
        assert_eq!(Tally::of_test_result(bad), Some(Tally { passed: 3, failed: 2, skipped: 0 }));
    }

    #[test]
    fn reads_nothing_else() {
        for line in [
            "",
            "running 3 tests",
            "test order::progress ... ok",
            "test result: ok.",
            "test result: ok. 3 passed; 0 failed",
            "test result: ok. many passed; 0 failed; 0 ignored",
            "test result: ok. -1 passed; 0 failed; 0 ignored",
            "test result: perhaps. 3 passed; 0 failed; 0 ignored",
            "  test result: ok. 3 passed; 0 failed; 0 ignored",
        ] {
            assert_eq!(Tally::of_test_result(line), None, "{line:?}");
        }
    }

    #[test]
    fn sums_and_prints_as_the_last_line_of_a_run() {
        let mut sum = Tally { passed: 1, failed: 0, skipped: 2 };
        sum += Tally { passed: 10, failed: 3, skipped: 0 };
        assert_eq!(sum.to_string(), "11 passed, 3 failed, 2 skipped");
        assert_eq!(sum.total(), 16);
    }
}
