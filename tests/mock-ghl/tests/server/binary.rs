use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

/// A child that does not outlive its test.
struct Owned(Child);

impl Drop for Owned {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test]
async fn the_binary_prints_its_address_and_answers_there() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mock-ghl"));
    command.args(["--seed", "3", "--limit", "7"]).stdout(Stdio::piped());
    let mut child = Owned(command.spawn().unwrap());
    let mut line = String::new();
    BufReader::new(child.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let url = line.trim().strip_prefix("mock-ghl listens on ").unwrap();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let limits = client.get(format!("{url}/__mock/limits")).send().await.unwrap().text().await.unwrap();
    assert!(limits.contains("\"burst\":7"), "{limits}");
}

#[test]
fn help_and_mistakes_end_the_process() {
    let run = |args: &[&str]| Command::new(env!("CARGO_BIN_EXE_mock-ghl")).args(args).output().unwrap();
    let help = run(&["--help"]);
    assert!(help.status.success());
    assert!(String::from_utf8(help.stdout).unwrap().contains("--workflow-webhook-url"));
    let mistake = run(&["--port", "seventy"]);
    assert_eq!(mistake.status.code(), Some(1));
    let told = String::from_utf8(mistake.stderr).unwrap();
    assert_eq!(told, "mock-ghl: --port is \"seventy\", expected a whole number\n");
}
