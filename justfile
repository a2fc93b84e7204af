# The commands of every day. `just ready` is what CI runs.

# Everything that CI checks
ready:
    bash .ci/run

# Formatting, lints and tests
check:
    cargo fmt --check
    cargo clippy --all-targets --locked -- -D warnings
    cargo test --locked

# Pages that are made from the rules
docs:
    cargo run --locked -- generate docs

# gatepost on its own repository
self-scan:
    cargo run --release --locked -- scan .

# Every channel: built, installed, tried
packages:
    cargo build --release --locked
    bash scripts/test-packages.sh

# Parts, with divan; GATEPOST_BENCH_TEXT=DIR adds real files
bench *ARGS:
    cargo bench --locked {{ARGS}}

# The whole program beside its peers, in pairs
compare CORPORA *ARGS:
    cargo build --release --locked
    bash scripts/bench.sh {{ARGS}} target/release/gatepost {{CORPORA}}
