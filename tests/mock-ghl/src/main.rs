//! The stand-in as a process: `mock-ghl --help`.

mod flags;

use std::process::ExitCode;

use flags::Command;
use mock_ghl::{MockGhl, Settings};

fn main() -> ExitCode {
    match flags::parse(std::env::args().skip(1)) {
        Ok(Command::Help) => {
            print!("{}", flags::HELP);
            ExitCode::SUCCESS
        }
        Ok(Command::Run(settings)) => match run(*settings) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => fail(&error.to_string()),
        },
        Err(error) => fail(&error),
    }
}

fn fail(message: &str) -> ExitCode {
    eprintln!("mock-ghl: {message}");
    ExitCode::FAILURE
}

/// Runs until the process is ended.
fn run(settings: Settings) -> std::io::Result<()> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
        let running = MockGhl::start(settings).await?;
        println!("mock-ghl listens on {}", running.base_url());
        std::future::pending().await
    })
}
