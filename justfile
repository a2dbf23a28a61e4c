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

# Measure what holds under load: edits and turns from many processes, writers killed at any moment
torture processes="32" edits="200" kills="1000": build
    benches/torture.sh {{processes}} {{edits}}
    benches/torture-store.sh {{processes}} {{edits}} {{kills}}

# Ask the scripted model inside the program
demo prompt="Hello":
    cargo run --release --locked -- chat -p demo "{{prompt}}"

# Write completions and the manual page to completions/
completions: build
    mkdir -p completions
    ./target/release/amx completions bash --static > completions/amx.bash
    ./target/release/amx completions elvish --static > completions/amx.elv
    ./target/release/amx completions fish --static > completions/amx.fish
    ./target/release/amx completions powershell --static > completions/_amx.ps1
    ./target/release/amx completions zsh --static > completions/_amx
    ./target/release/amx man > completions/amx.1

# Draw the pictures of the documents anew, from what the program shows on a terminal
screenshots:
    AMX_WRITE_PICTURES=1 cargo test --locked --test terminal pictures
    cargo test --locked --test terminal pictures
