//! What the documents say: the statuses of the guide and the page of error codes.

/// A status of the path: its text, its stage's key, progress and label.
pub(crate) type OnPath = (&'static str, &'static str, u8, &'static str);

/// The path of the built-in model.
pub(crate) const PATH: [OnPath; 8] = [
    ("order_placed", "stage_new_order", 10, "Order placed"),
    ("processing", "stage_processing", 25, "Processing"),
    ("manufacturing", "stage_in_production", 50, "In production"),
    ("quality_check", "stage_quality_check", 65, "Quality check"),
    ("shipped", "stage_shipped", 75, "Shipped"),
    ("delivered", "stage_delivered", 85, "Delivered"),
    ("installation", "stage_installation", 95, "Installation"),
    ("completed", "stage_completed", 100, "Completed"),
];

/// The statuses beside the path: text, label, and what becomes of the opportunity's status.
pub(crate) const BESIDE: [(&str, &str, &str); 3] = [
    ("cancelled", "Cancelled", "lost"),
    ("refunded", "Refunded", "lost"),
    ("returned", "Returned", "untouched"),
];

/// The status that a pipeline may lack a stage for.
pub(crate) const OPTIONAL_STAGE: &str = "quality_check";

const ERROR_CODES: &str = include_str!("../../../docs/src/error-codes.md");

/// The table of error codes: code, whether it is retryable, and its meaning.
pub(crate) fn error_codes() -> Vec<(&'static str, bool, String)> {
    let row = |line: &'static str| {
        let (code, rest) = line.strip_prefix("| `")?.split_once("` | ")?;
        let (retryable, meaning) = rest.strip_suffix(" |")?.split_once(" | ")?;
        Some((code, retryable == "yes", meaning.replace("\\|", "|")))
    };
    ERROR_CODES.lines().filter_map(row).collect()
}

/// Whether a call that ended with this code may succeed later.
pub(crate) fn retryable(code: &str) -> bool {
    error_codes().iter().any(|(known, retryable, _)| *known == code && *retryable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_guide_has_the_same_path() {
        const GUIDE: &str = include_str!("../../../docs/src/pipeline.md");
        let row =
            |line: &'static str| Some(line.strip_prefix("| `")?.strip_suffix(" |")?.split(" | ").collect());
        let table = GUIDE.lines().skip_while(|line| !line.starts_with("| Status |")).skip(2);
        let rows: Vec<Vec<&str>> = table.map_while(row).collect();
        assert_eq!(rows.len(), PATH.len());
        for ((status, key, progress, label), row) in PATH.into_iter().zip(rows) {
            let [first, stage, percent, name] = row[..] else { panic!("{row:?}") };
            assert_eq!((first.trim_end_matches('`'), percent, name), (status, &*progress.to_string(), label));
            assert!(stage.starts_with(&format!("`{key}`")), "{stage}");
            assert_eq!(stage.contains("or none"), status == OPTIONAL_STAGE);
        }
    }

    #[test]
    fn every_row_of_the_page_of_codes_is_read() {
        assert_eq!(error_codes().len(), ERROR_CODES.lines().filter(|line| line.starts_with("| `")).count());
        assert!(retryable("rate_limited") && !retryable("signature"));
    }
}
