# The verbs of development. `just` alone lists them.

_list:
    @just --list --unsorted

# Build with the release profile
build:
    cargo build --release --locked

# Build the program as a release has it, in target/TARGET/dist
dist target="":
    packaging/dist.sh {{target}}

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

# Compare speed and memory with curl on the loopback address
bench runs="11": build
    benches/bench.sh {{runs}}
    benches/surface.py
    benches/tools.py

# Build from nothing, and print which crates take how long
timings profile="release":
    benches/timings.sh {{profile}}

# Print what the program of a release consists of, by section and crate
sizes:
    benches/sizes.sh

# Measure the peak memory with attachments of so many MiB in a request
memory mib="51": build
    benches/memory.sh {{mib}}

# Test the store and the configuration under load: many processes, writers killed at any moment
torture processes="32" edits="200" kills="1000": build
    benches/torture.sh {{processes}} {{edits}}
    benches/torture-store.sh {{processes}} {{edits}} {{kills}}

# Build for Windows on Debian and run it under Wine: unit tests, commands, conversations (10 minutes)
windows step="all":
    tests/platforms/windows.sh {{step}}

# Check on Debian that it compiles for macOS; nothing is run
macos-check triple="aarch64-apple-darwin":
    tests/platforms/macos-check.sh {{triple}}

# Measure what docs/security.md promises, and write its table
trust scale="20":
    benches/trust.sh {{scale}}

# Test every property with inputs that no run has drawn before
properties cases="20000":
    PROPTEST_RNG_SEED=$(od -An -N6 -tu8 /dev/urandom | tr -d ' ') PROPTEST_CASES={{cases}} \
      cargo test --locked --lib

# Mutate the lines changed since `base` and run tests against each mutant (needs cargo-mutants)
mutants base="main" tests="--lib":
    mkdir -p target
    git diff --merge-base {{base}} > target/mutants.diff
    cargo mutants --in-diff target/mutants.diff --output target -- --locked {{tests}}

# Send a question to the scripted provider inside the program
demo prompt="Hello":
    cargo run --release --locked -- chat -p demo "{{prompt}}"

# Write completions and the manual pages to completions/
completions: build
    mkdir -p completions/man
    ./target/release/amx completions bash --static > completions/amx.bash
    ./target/release/amx completions elvish --static > completions/amx.elv
    ./target/release/amx completions fish --static > completions/amx.fish
    ./target/release/amx completions powershell --static > completions/_amx.ps1
    ./target/release/amx completions zsh --static > completions/_amx
    ./target/release/amx man --all completions/man

# Pack a program for this machine as a release does, into target/packages/
package: dist
    packaging/archive.sh "$(rustc --print host-tuple)" "target/$(rustc --print host-tuple)/dist/amx" target/packages

# Build the static program with musl and run the unit tests on it (needs rustup and musl-gcc)
musl profile="release":
    packaging/musl.sh {{profile}}

# Build the Debian package, into target/packages/ (needs cargo-deb)
deb: dist
    cargo deb --no-build --profile dist --target "$(rustc --print host-tuple)" --output target/packages/

# Regenerate the images in docs/pictures from terminal sessions
screenshots:
    AMX_WRITE_PICTURES=1 cargo test --locked --test terminal pictures
    cargo test --locked --test terminal pictures

# Try real clients against amx serve
clients: build
    benches/clients.sh

# Measure amx serve next to the provider asked directly and nginx
serve-bench rounds="5" requests="20000": build
    benches/serve.py {{rounds}} {{requests}}

# Soak amx serve: two servers with faults, one killed, Redis away (5 minutes; 3000 for a short one)
serve-soak requests="100000": build
    benches/serve_soak.py {{requests}}
