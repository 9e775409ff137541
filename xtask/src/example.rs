//! Programs of the workspace that are run rather than tested: the demo and the simulator.

use std::ffi::OsString;
use std::process::ExitCode;

use crate::process::cargo;

/// Builds and runs the binary of `package` with `args`; its exit code becomes ours.
///
/// Cargo reports the build on stderr, so stdout carries only what the program writes.
pub(crate) fn run(package: &str, args: &[OsString]) -> ExitCode {
    match cargo(["run", "--package", package, "--"]).args(args).status() {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        Ok(status) => {
            // A program ended by a signal has no code.
            let code = status.code().and_then(|code| u8::try_from(code).ok());
            code.map_or(ExitCode::FAILURE, ExitCode::from)
        }
        Err(error) => {
            eprintln!("error: cannot start cargo: {error}");
            ExitCode::FAILURE
        }
    }
}
