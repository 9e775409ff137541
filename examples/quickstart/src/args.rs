//! The demo's arguments.

use std::ffi::OsString;

/// What `--help` prints.
pub(crate) const USAGE: &str = "\
usage: cargo xtask demo [--json] [--limit N] [--database-url sqlite:FILE] [--live [--yes]]

  --json                     print one JSON document instead of the timeline
  --limit N                  calls the stand-in allows in 10 s (default 1000; GHL's own is 100)
  --database-url sqlite:FILE keep the database in this file, a new one (default: a temporary one)
  --live                     use the credentials of the environment against the real GHL; says what it
                             will write, and asks
  --yes                      with --live: do not ask";

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Args {
    /// Print JSON.
    pub(crate) json: bool,
    /// Use the real GHL.
    pub(crate) live: bool,
    /// Do not ask.
    pub(crate) yes: bool,
    /// Calls the stand-in allows in 10 s.
    pub(crate) limit: u32,
    /// The database to keep.
    pub(crate) database_url: Option<String>,
}

impl Args {
    /// Reads the words after the program's name; `Err` holds what is wrong, or nothing for `--help`.
    pub(crate) fn parse(words: impl IntoIterator<Item = OsString>) -> Result<Self, Option<String>> {
        let mut args = Self { json: false, live: false, yes: false, limit: 1_000, database_url: None };
        let mut limited = false;
        let mut words = words.into_iter().map(|word| {
            word.into_string().map_err(|word| Some(format!("{}: expected UTF-8", word.to_string_lossy())))
        });
        while let Some(word) = words.next().transpose()? {
            match word.as_str() {
                "--json" => args.json = true,
                "--live" => args.live = true,
                "--yes" => args.yes = true,
                "--help" | "-h" => return Err(None),
                "--limit" => {
                    let value = words.next().transpose()?;
                    let limit = value.and_then(|value| value.parse().ok()).filter(|limit| *limit > 0);
                    args.limit =
                        limit.ok_or_else(|| wrong("--limit: expected a number of calls, at least 1"))?;
                    limited = true;
                }
                "--database-url" => {
                    let url = words.next().transpose()?.filter(|url| url.starts_with("sqlite:"));
                    args.database_url =
                        Some(url.ok_or_else(|| wrong("--database-url: expected sqlite:FILE"))?);
                }
                other => return Err(Some(format!("{other}: no such argument"))),
            }
        }
        if args.yes && !args.live {
            return Err(wrong("--yes: goes with --live"));
        }
        if limited && args.live {
            return Err(wrong("--limit: is the stand-in's, and does not go with --live"));
        }
        Ok(args)
    }
}

fn wrong(text: &str) -> Option<String> {
    Some(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Args, Option<String>> {
        Args::parse(line.split_whitespace().map(OsString::from))
    }

    #[test]
    fn reads_every_argument() {
        let url = Some("sqlite:demo.db".to_owned());
        let args = parse("--json --database-url sqlite:demo.db --live --yes").unwrap();
        let wanted = Args { json: true, live: true, yes: true, limit: 1_000, database_url: url };
        assert_eq!(args, wanted);
        let args = parse("--limit 100").unwrap();
        assert_eq!(args, Args { json: false, live: false, yes: false, limit: 100, database_url: None });
        assert_eq!(parse("--json --help"), Err(None));
    }

    #[test]
    fn refuses_what_it_does_not_know() {
        let lines = [
            "--jsn",
            "--limit",
            "--limit 0",
            "--limit x",
            "--limit 100 --live",
            "--database-url demo.db",
            "--yes",
            "extra",
        ];
        for line in lines {
            let complaint = parse(line).unwrap_err().unwrap();
            assert!(complaint.contains(line.split_whitespace().next().unwrap()), "{complaint}");
        }
    }
}
