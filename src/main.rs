//! The program `amx`: hands the process to [`amx::ui`].

use std::process::ExitCode;

fn main() -> ExitCode {
    amx::ui::main()
}
