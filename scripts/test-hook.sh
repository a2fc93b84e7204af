#!/usr/bin/env bash
# The hook for real: pre-commit installs it from this repository into a scratch one, and git runs it.
# Needs a release build, Python and git. With SOURCE_HOOK=1 the hook that builds from source is tried too (minutes).
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/python-tools.sh
. scripts/python-tools.sh
python_tools pre-commit==4.7.0

here=$PWD
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export PRE_COMMIT_HOME=$scratch/home GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1
PATH=$here/target/release:$PATH
passed=0

# A key of the vendor's shape, put together here so that no scanner trips over this file.
id=AKIA$(printf '%s' Z7TQ2MXWK4RVB6YN)
key=$(printf '%s' 'p8Qv3LmZ/7xYt2RwN+4kBc9H' 'jD6sFaGe1TuXoViE')

expect() { # expect CODE NAME COMMAND...
  local want=$1 name=$2 got=0
  shift 2
  "$@" >"$scratch/out" 2>&1 || got=$?
  if { [ "$want" = 0 ] && [ "$got" != 0 ]; } || { [ "$want" != 0 ] && [ "$got" = 0 ]; }; then
    printf 'FAILED %s: ended with %s\n' "$name" "$got"
    cat "$scratch/out"
    exit 1
  fi
  passed=$((passed + 1))
}

try() { # try HOOK-ID
  local repo=$scratch/$1
  git init --quiet "$repo"
  cd "$repo"
  git config user.name test
  git config user.email test@example.invalid
  printf 'repos:\n  - repo: %s\n    rev: %s\n    hooks:\n      - id: %s\n' "$here" "$(git -C "$here" rev-parse HEAD)" "$1" >.pre-commit-config.yaml
  pre-commit install >/dev/null
  git add .pre-commit-config.yaml
  expect 0 "$1: a clean first commit" git commit --quiet -m one

  printf '[default]\naws_access_key_id = %s\naws_secret_access_key = %s\n' "$id" "$key" >config.ini
  git add config.ini
  expect 1 "$1: a staged key" git commit --quiet -m leak
  grep -q 'aws-access-key' "$scratch/out" || { echo 'FAILED: the rule is not named'; cat "$scratch/out"; exit 1; }
  grep -q 'nothing has leaked' "$scratch/out" || { echo 'FAILED: it does not say that nothing has leaked'; cat "$scratch/out"; exit 1; }
  if grep -qF -e "$key" -e "$id" "$scratch/out"; then echo 'FAILED: the key is shown'; exit 1; fi

  # pre-commit stashes what is not staged, so the index alone counts whatever lies in the work tree.
  printf 'region = eu-west-1\n' >config.ini
  git add config.ini
  printf 'aws_access_key_id = %s\naws_secret_access_key = %s\n' "$id" "$key" >>config.ini
  expect 0 "$1: a key in the work tree only" git commit --quiet -m two
  cd "$here"
}

try gatepost-system
[ -z "${SOURCE_HOOK:-}" ] || try gatepost
printf '%s passed, 0 failed\n' "$passed"
