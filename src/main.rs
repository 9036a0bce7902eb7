//! The program: reads the command line, runs the interface or answers without it, and says what went wrong.

use std::process::ExitCode;

use authopsy::{cli, headless};

fn main() -> ExitCode {
    match cli::parse() {
        Ok(command) => headless::run(command),
        Err(code) => code,
    }
}
