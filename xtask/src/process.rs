//! Running other programs: shown, streamed or captured.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, ExitStatus, Stdio};

/// `cargo` as it started us, so that a step never runs under another toolchain than the task.
pub(crate) fn cargo<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(args);
    command
}

/// Runs `command`, its output going where ours goes.
pub(crate) fn run(command: &mut Command) -> Result<(), String> {
    let status = command.stdin(Stdio::null()).status();
    succeeded(command, status)
}

/// Runs `command` and shows its stdout line by line, handing each line to `see` as well.
pub(crate) fn stream(command: &mut Command, mut see: impl FnMut(&str)) -> Result<(), String> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| format!("cannot start {}: {error}", shown(command)))?;
    if let Some(pipe) = child.stdout.take() {
        let mut lines = BufReader::new(pipe);
        let mut line = Vec::new();
        let mut out = std::io::stdout();
        while matches!(lines.read_until(b'\n', &mut line), Ok(1..)) {
            // A closed stdout of ours is no reason to leave the child unread.
            let _ = out.write_all(&line).and_then(|()| out.flush());
            see(String::from_utf8_lossy(&line).trim_end());
            line.clear();
        }
    }
    let status = child.wait();
    succeeded(command, status)
}

/// Runs `command` and returns its stdout; stderr stays visible.
pub(crate) fn capture(command: &mut Command) -> Result<String, String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::inherit()).output();
    match output {
        Ok(output) => {
            succeeded(command, Ok(output.status))?;
            Ok(String::from_utf8_lossy(&output.stdout).into_owned())
        }
        Err(error) => succeeded(command, Err(error)).map(|()| String::new()),
    }
}

/// Whether `command` can be started and ends well. It prints nothing either way.
pub(crate) fn works(command: &mut Command) -> bool {
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

fn succeeded(command: &Command, status: std::io::Result<ExitStatus>) -> Result<(), String> {
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{} ended with {status}", shown(command))),
        Err(error) => Err(format!("cannot start {}: {error}", shown(command))),
    }
}

/// The command as one would type it: the program without its folder, then the arguments.
fn shown(command: &Command) -> String {
    let program = std::path::Path::new(command.get_program());
    let name = program.file_name().unwrap_or(program.as_os_str());
    let words = std::iter::once(name).chain(command.get_args());
    let line: Vec<_> = words.map(|word| word.to_string_lossy()).collect();
    format!("`{}`", line.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rustc(args: &[&str]) -> Command {
        let mut command = Command::new("rustc");
        command.args(args);
        command
    }

    #[test]
    fn capture_returns_what_was_printed() {
        let text = capture(&mut rustc(&["--version"])).unwrap();
        assert!(text.starts_with("rustc "), "{text:?}");
    }

    #[test]
    fn stream_hands_over_each_line_without_its_ending() {
        let mut seen = Vec::new();
        stream(&mut rustc(&["-vV"]), |line| seen.push(line.to_owned())).unwrap();
        assert!(seen.len() > 3, "{seen:?}");
        assert!(seen.iter().any(|line| line.starts_with("host: ")), "{seen:?}");
        assert!(seen.iter().all(|line| !line.ends_with(['\n', '\r'])), "{seen:?}");
    }

    #[test]
    fn a_failure_names_the_command_and_not_where_it_lives() {
        let error = capture(Command::new("false").args(["--flag", "value"])).unwrap_err();
        assert!(error.starts_with("`false --flag value` ended with "), "{error}");
        let error = run(&mut Command::new("/no/such/folder/tool")).unwrap_err();
        assert!(error.starts_with("cannot start `tool`: "), "{error}");
    }

    #[test]
    fn works_tells_good_from_bad_and_from_missing() {
        assert!(works(&mut rustc(&["--version"])));
        assert!(!works(&mut rustc(&["--print", "no-such-thing"])));
        assert!(!works(&mut Command::new("/no/such/folder/tool")));
    }
}
