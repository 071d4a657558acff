#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(init: secboard_fuzz::let_readers_panic(), |bytes: &[u8]| secboard::fuzzing::workbook(bytes));
