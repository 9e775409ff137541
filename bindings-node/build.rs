//! Lets the addon find Node's functions at load, and keeps it loaded while threads of its own run.

fn main() {
    napi_build::setup();
}
