#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| mutation::engine_io(bytes));
