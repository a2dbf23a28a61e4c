//! The build script: sets `AMX_VERSION`, the text that `amx --version` prints after the name.

use std::path::Path;
use std::process::ExitCode;

#[path = "build/version.rs"]
mod version;

fn main() -> ExitCode {
    for name in [version::COMMIT, version::EPOCH] {
        println!("cargo::rerun-if-env-changed={name}");
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    match version::describe(env!("CARGO_PKG_VERSION"), folder, variable) {
        Ok(described) => {
            println!("cargo::rustc-env=AMX_VERSION={}", described.text);
            for path in described.watched {
                println!("cargo::rerun-if-changed={}", path.display());
            }
            ExitCode::SUCCESS
        }
        Err(error) => {
            println!("cargo::error={error}");
            ExitCode::FAILURE
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "`config::Environment` is part of the program, and this runs before it is compiled"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
