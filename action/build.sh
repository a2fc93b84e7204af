#!/usr/bin/env bash
# Builds gatepost from the action's own source, unless the cache brought what was built from the very same one.
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=action/common.sh
. "$here/common.sh"
source_folder=${here%/action}
folder=${ACTION_BUILD:?}

case ${RUNNER_OS:-} in
  Windows) program=$folder/bin/gatepost.exe ;;
  *) program=$folder/bin/gatepost ;;
esac
own=$(sed -n '/^version = "/{s/^version = "\([^"]*\)".*/\1/p;q;}' "$source_folder/Cargo.toml")
runs() { [ -x "$program" ] && [ "$("$program" --version 2>/dev/null | head -n 1)" = "gatepost $own" ]; }

if runs; then
  say "gatepost $own, built from this source before"
else
  command -v cargo >/dev/null ||
    give_up 3 "this version has no released program for this machine, and without cargo it cannot be built: install Rust in a step before, or give one that is installed as the input binary"
  # Not where the pull request lies: cargo reads `.cargo/config.toml` of the folder that it runs in and of those above.
  cd "$source_folder"
  CARGO_TARGET_DIR=$folder/target quiet cargo install --locked --quiet --path "$source_folder" --root "$folder" ||
    give_up 3 'gatepost could not be built: the log says why'
  runs || give_up 3 'what was built does not run here'
  rm -rf "$folder/target"
  say "gatepost $own, built from the action's own source"
  output built true
fi
output binary "$program"
