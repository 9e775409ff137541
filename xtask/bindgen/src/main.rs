//! Writes the JavaScript beside a compiled WASM module: `bindgen COMPILED.wasm FOLDER NAME` makes `NAME.wasm`
//! and `module.mjs` in the folder.
//!
//! A program of its own, since the library behind it takes longer to compile than all of xtask.

mod order;

use std::env::args_os;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use wasm_bindgen_cli_support::Bindgen;

fn main() -> ExitCode {
    let args: Vec<PathBuf> = args_os().skip(1).map(PathBuf::from).collect();
    let [compiled, folder, name] = args.as_slice() else {
        eprintln!("Usage: bindgen COMPILED.wasm FOLDER NAME");
        return ExitCode::from(2);
    };
    match write(compiled, folder, &name.to_string_lossy()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {}: {error:#}", compiled.display());
            ExitCode::FAILURE
        }
    }
}

fn write(compiled: &Path, folder: &Path, name: &str) -> Result<(), Box<dyn Error>> {
    let mut bindgen = Bindgen::new();
    bindgen.typescript(false).demangle(false).remove_name_section(true).remove_producers_section(true);
    // The output for bundlers leaves it to its user how the module is found and instantiated.
    let mut output = bindgen.bundler(true)?.input_path(compiled).out_name(name).generate_output()?;
    let mut glue = output.start().ok_or("there is nothing that starts the module")?.clone();
    // Whatever it imports comes through `module.mjs`, so that one object is all it needs.
    let own = format!("./{name}_bg.js");
    for import in output.wasm_mut().imports.iter_mut().filter(|import| import.module != own) {
        let line = format!("export {{ {} }} from '{}';\n", import.name, import.module);
        glue.push_str(&line);
        import.module.clone_from(&own);
    }
    fs::create_dir_all(folder)?;
    fs::write(folder.join("module.mjs"), glue)?;
    let ordered = order::by_likeness(&output.wasm_mut().emit_wasm())?;
    fs::write(folder.join(name).with_extension("wasm"), ordered)?;
    Ok(())
}
