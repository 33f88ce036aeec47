//! The `scrubjay` binary.

use std::process::ExitCode;

fn main() -> ExitCode {
    scrubjay::cli::main()
}
