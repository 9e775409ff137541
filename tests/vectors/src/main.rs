//! Writes the vectors: `cargo run -p vectors`. Nothing is written if the core disagrees with what is expected.

use std::{fs, path::Path, process::ExitCode};

fn main() -> ExitCode {
    let files = vectors::files();
    let disagreements: Vec<_> = files.iter().flat_map(|file| file.vectors.disagreements()).collect();
    if !disagreements.is_empty() {
        disagreements.iter().for_each(|disagreement| eprintln!("{disagreement}"));
        eprintln!("the core disagrees with {} vectors", disagreements.len());
        return ExitCode::FAILURE;
    }
    let mut total = 0;
    for file in files {
        let path = Path::new(vectors::DATA).join(file.name);
        if let Err(error) = fs::write(&path, file.vectors.to_json()) {
            eprintln!("cannot write {}: {error}", path.display());
            return ExitCode::FAILURE;
        }
        total += file.vectors.all().len();
    }
    println!("{total} vectors in {}", vectors::DATA);
    ExitCode::SUCCESS
}
