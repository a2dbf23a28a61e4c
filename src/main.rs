//! The program `amx`: hands the process to `ui`.

use std::process::ExitCode;

fn main() -> ExitCode {
    amx::main()
}
