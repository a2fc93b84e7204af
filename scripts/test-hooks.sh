#!/usr/bin/env bash
# Hooks for real: each way of having git run gatepost is installed into a scratch repository, a key is stopped, a clean commit
# goes through. usage: test-hooks.sh [BINARY]   (default: target/release/gatepost). Needs git, Python and npm.
# With SOURCE_HOOK=1 the hook of pre-commit that builds from source is tried too (minutes).
set -euo pipefail
cd "$(dirname "$0")/.."
for tool in git python3 npm; do
  command -v "$tool" >/dev/null || { echo "test-hooks.sh: $tool is needed"; exit 2; }
done
binary=$(readlink -f "${1:-target/release/gatepost}")
[ -x "$binary" ] || { echo "test-hooks.sh: no such binary: $binary"; exit 2; }
# shellcheck source=scripts/python-tools.sh
. scripts/python-tools.sh
python_tools pre-commit==4.7.0 prek==0.5.11

here=$PWD
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir "$scratch/bin"
ln -s "$binary" "$scratch/bin/gatepost"
export PRE_COMMIT_HOME=$scratch/home PREK_HOME=$scratch/prek GIT_CONFIG_GLOBAL=$scratch/gitconfig GIT_CONFIG_NOSYSTEM=1
export GIT_AUTHOR_NAME=test GIT_AUTHOR_EMAIL=test@example.invalid GIT_COMMITTER_NAME=test GIT_COMMITTER_EMAIL=test@example.invalid
PATH=$scratch/bin:$PATH
git config --global init.defaultBranch main
git config --global protocol.file.allow always
passed=0

# A key of the vendor's shape, put together here so that no scanner trips over this file.
id=AKIA$(printf '%s' Z7TQ2MXWK4RVB6YN)
key=$(printf '%s' 'p8Qv3LmZ/7xYt2RwN+4kBc9H' 'jD6sFaGe1TuXoViE')
leak=$(printf '[default]\naws_access_key_id = %s\naws_secret_access_key = %s\n' "$id" "$key")

fail() {
  printf 'FAILED %s\n' "$1"
  cat "$scratch/out"
  exit 1
}

expect() { # expect 0|1 NAME COMMAND...: it succeeds, or it does not
  local want=$1 name=$2 got=0
  shift 2
  "$@" >"$scratch/out" 2>&1 || got=$?
  if { [ "$want" = 0 ] && [ "$got" != 0 ]; } || { [ "$want" != 0 ] && [ "$got" = 0 ]; }; then fail "$name: ended with $got"; fi
  if grep -qF -e "$key" -e "$id" "$scratch/out"; then fail "$name: the key is shown"; fi
  passed=$((passed + 1))
}

repository() { # repository NAME: a new one, with a commit, to stand in
  git init --quiet "$scratch/$1"
  cd "$scratch/$1"
  printf 'node_modules\n' >.gitignore
  git add .gitignore
  git commit --quiet -m first
}

# A key is stopped, whatever the work tree holds by then; without it the commit goes through.
stops_a_key() { # stops_a_key NAME
  printf '%s\n' "$leak" >config.ini
  git add config.ini
  printf 'region = eu-west-1\n' >config.ini
  expect 1 "$1: a key that is staged, and gone from the work tree" git commit -m leak
  grep -q 'aws-access-key' "$scratch/out" || fail "$1: the rule is not named"
  grep -q 'nothing has leaked' "$scratch/out" || fail "$1: it does not say that nothing has leaked"
  git add config.ini
  printf '%s\n' "$leak" >config.ini
  expect 0 "$1: a key in the work tree only" git commit -m clean
  git checkout --quiet config.ini
}

stops_a_message() { # stops_a_message NAME
  expect 1 "$1: a key in the message" git commit --allow-empty -m "with $id"
  grep -q 'aws-access-key' "$scratch/out" || fail "$1: the rule is not named"
  expect 0 "$1: a clean message" git commit --allow-empty -m plain
}

# What one of the pushed commits adds and the next takes away; a new branch; one that is deleted; nothing new.
stops_a_push() { # stops_a_push NAME
  local name=$1
  git init --quiet --bare "$scratch/$name.git"
  git remote add origin "$scratch/$name.git"
  printf '%s\n' "$leak" >gone.ini
  git add gone.ini
  git commit --quiet --no-verify -m oops
  git rm --quiet gone.ini
  git commit --quiet --no-verify -m gone
  expect 1 "$name: a key that came and went in the first push of all" git push origin HEAD:refs/heads/main
  git reset --quiet --hard HEAD~2
  expect 0 "$name: a clean first push" git push origin HEAD:refs/heads/main
  printf '%s\n' "$leak" >gone.ini
  git add gone.ini
  git commit --quiet --no-verify -m oops
  git rm --quiet gone.ini
  git commit --quiet --no-verify -m gone
  expect 1 "$name: a key that came and went in what is pushed" git push origin HEAD:refs/heads/main
  grep -q 'gone.ini' "$scratch/out" || fail "$name: the file is not named"
  expect 1 "$name: the same to a new branch" git push origin HEAD:refs/heads/topic
  git reset --quiet --hard HEAD~2
  expect 0 "$name: without it, to a new branch" git push origin HEAD:refs/heads/topic
  expect 0 "$name: nothing new" git push origin HEAD:refs/heads/main
  expect 0 "$name: a branch is deleted" git push origin --delete topic
}

repository plain
expect 0 'hook install' gatepost hook install --all
stops_a_key plain
stops_a_message plain
stops_a_push plain
expect 0 'hook uninstall' gatepost hook uninstall --all
find .git/hooks -type f ! -name '*.sample' | grep . && fail 'uninstall leaves files behind'
cd "$here"

repository hooks-path
mkdir -p tools/hooks
# shellcheck disable=SC2016 # for the hook to expand
printf '#!/bin/sh\necho theirs >>"$(git rev-parse --show-toplevel)/.git/ran"\n' >tools/hooks/pre-commit
chmod +x tools/hooks/pre-commit
cp tools/hooks/pre-commit "$scratch/before"
git config core.hooksPath tools/hooks
expect 0 'hook install into core.hooksPath' gatepost hook install
stops_a_key core.hooksPath
grep -q theirs .git/ran || fail 'the hook that was there does not run'
expect 0 'hook uninstall from core.hooksPath' gatepost hook uninstall
cmp tools/hooks/pre-commit "$scratch/before" || fail 'it is not as it was'
cd "$here"

# Hooks that git takes from its configuration: tried with each git that knows them.
known=0
for git in $(type -ap git); do
  repository "config-${git//\//-}"
  git config hook.probe.event pre-commit
  git config hook.probe.command 'touch .git/probed'
  "$git" commit --quiet --allow-empty -m probe
  if [ -e .git/probed ]; then
    known=$((known + 1))
    git config --remove-section hook.probe
    git config hook.gatepost.event pre-commit
    git config hook.gatepost.command 'gatepost scan --staged'
    stops_a_key "hooks of the configuration, $("$git" --version)"
  else
    echo "$("$git" --version) ($git) knows no hooks of the configuration"
  fi
  cd "$here"
done

try_pre_commit() { # try_pre_commit PROGRAM: pre-commit or prek, with every hook that this repository offers it
  local program=$1
  repository "$program"
  printf 'repos:\n  - repo: %s\n    rev: %s\n    hooks:\n      - id: gatepost-system\n      - id: gatepost-commit-msg\n      - id: gatepost-push\n' \
    "$here" "$(git -C "$here" rev-parse HEAD)" >.pre-commit-config.yaml
  git add .pre-commit-config.yaml
  "$program" install --hook-type pre-commit --hook-type commit-msg --hook-type pre-push >/dev/null
  expect 0 "$program: a clean commit" git commit -m configured
  stops_a_key "$program"
  stops_a_message "$program"
  stops_a_push "$program"
  expect 0 "$program: hook status" gatepost hook status
  cd "$here"
}
try_pre_commit pre-commit
try_pre_commit prek

# The lines that `hook install` prints for prek's own file.
repository prek-toml
touch prek.toml
gatepost hook install --all >"$scratch/out" && fail 'prek.toml: install says that it is in place'
sed -n 's/^    //p' "$scratch/out" | sed -e "s#https://github.com/OWNER/gatepost#$here#" -e "s#COMMIT#$(git -C "$here" rev-parse HEAD)#" \
  -e 's#id = "gatepost"#id = "gatepost-system"#' >prek.toml
git add prek.toml
expect 0 'prek.toml: hook install knows the lines' gatepost hook install --all
prek install --hook-type pre-commit --hook-type commit-msg --hook-type pre-push >/dev/null 2>&1
expect 0 'prek.toml: a clean commit' git commit -m configured
stops_a_key prek.toml
stops_a_message prek.toml
stops_a_push prek.toml
cd "$here"

mkdir "$scratch/npm"
# lefthook's package installs hooks into the repository around where npm runs, but not on a build server.
cd "$scratch/npm"
CI=true npm install --silent --no-audit --no-fund --prefix "$scratch/npm" lefthook@2.2.2 husky@9.1.7 >/dev/null
cd "$here"
export PATH=$scratch/npm/node_modules/.bin:$PATH

repository lefthook
gatepost hook install --all >/dev/null 2>&1 || true
printf 'pre-commit:\n  commands:\n    gatepost:\n      run: gatepost scan --staged\ncommit-msg:\n  commands:\n    gatepost:\n      run: gatepost scan --commit-msg {1}\npre-push:\n  commands:\n    gatepost:\n      run: gatepost scan --pre-push {1}\n      use_stdin: true\n' >lefthook.yml
gatepost hook uninstall --all >/dev/null
git add lefthook.yml
lefthook install >/dev/null
expect 0 'lefthook: a clean commit' git commit -m configured
stops_a_key lefthook
stops_a_message lefthook
stops_a_push lefthook
cd "$here"

repository husky
printf '{"name": "x", "private": true}\n' >package.json
husky >/dev/null
printf 'gatepost scan --staged\n' >.husky/pre-commit
# shellcheck disable=SC2016
printf 'gatepost scan --commit-msg "$1"\n' >.husky/commit-msg
# shellcheck disable=SC2016
printf 'gatepost scan --pre-push "$1"\n' >.husky/pre-push
git add -A
expect 0 'husky: a clean commit' git commit -m configured
stops_a_key husky
stops_a_message husky
stops_a_push husky
cd "$here"

if [ -n "${SOURCE_HOOK:-}" ]; then
  repository source
  printf 'repos:\n  - repo: %s\n    rev: %s\n    hooks:\n      - id: gatepost-src\n' "$here" "$(git -C "$here" rev-parse HEAD)" >.pre-commit-config.yaml
  git add .pre-commit-config.yaml
  pre-commit install >/dev/null
  expect 0 'built from source: a clean commit' git commit -m configured
  stops_a_key 'built from source'
  cd "$here"
fi
printf 'hooks: %s checks passed; %s git with hooks of the configuration\n' "$passed" "$known"
