# The verbs of a developer. `just` alone lists them.

_list:
    @just --list --unsorted

# Build the program as it is released
build:
    cargo build --release --locked

# Run every test
test:
    cargo test --locked

# Check formatting and lints
lint:
    cargo fmt --check
    cargo clippy --all-targets --locked -- -D warnings

# Everything that must hold before a change lands
ci:
    .ci/run

# Check licences, advisories and sources of the dependencies (needs cargo-deny)
deny:
    cargo deny --locked check

# Compare speed and memory with curl, on the loopback address
bench runs="11": build
    benches/bench.sh {{runs}}

# Measure what holds under load: edits from many processes, writers killed at any moment
torture processes="32" edits="200": build
    benches/torture.sh {{processes}} {{edits}}

# Ask the scripted model inside the program
demo prompt="Hello":
    cargo run --release --locked -- chat -p demo "{{prompt}}"

# Write completions and the manual page to completions/
completions: build
    mkdir -p completions
    ./target/release/amx completions bash > completions/amx.bash
    ./target/release/amx completions elvish > completions/amx.elv
    ./target/release/amx completions fish > completions/amx.fish
    ./target/release/amx completions powershell > completions/_amx.ps1
    ./target/release/amx completions zsh > completions/_amx
    ./target/release/amx man > completions/amx.1
