#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| secboard::fuzzing::code(bytes));
