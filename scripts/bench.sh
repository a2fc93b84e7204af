#!/usr/bin/env bash
#
# bench.sh: how fast gatepost is, as a ratio to a plain tool doing the same reading.
#
# usage: bench.sh [--rounds N] [--only startup,tree,staged,history] OUR_BINARY CORPORA_DIR
#
#   --rounds N   measured rounds per table, after one warm-up round (default 5)
#   --only LIST  workloads to run, comma-separated (default: all)
#
# One markdown table per workload, on standard output. Every command of a table runs once in
# each round, so that a busy machine slows all of them alike; the ratio to the yardstick is
# taken round by round and given as median [min-max]. See pair.py for what is measured.
#
#   workload  yardstick                                    ours
#   startup   rg on an empty folder                        gatepost scan .
#   tree      rg -uu -c AKIA                               gatepost scan .
#   staged    git diff --cached --name-only                gatepost scan --staged
#   history   git cat-file of every object, piped to wc    gatepost scan --history .
#   iac       rg -uu -c AKIA                               gatepost scan --select iac .
#
# CORPORA_DIR holds (what is absent is skipped, and the output says so):
#
#   tree/    plain files, no .git
#   mono/    a clean clone with a large index; never changed: staging happens in a copy,
#            which is made inside CORPORA_DIR when needed and removed at the end
#   hist/*/  clones with their full history, one pack each
#   iac/*/   Terraform and CloudFormation repositories
#   peers/   optional: gatepost's peers (gitleaks, betterleaks, kingfisher; checkov for iac);
#            a peer not found there is looked for on PATH
#
# Peers run with credential validation and update checks off: nothing here should reach the
# network. Our binary may end with 0 (clean), 1 (findings) or 3 (incomplete); any other
# status of any command is shown as a failure, never as a time.

set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
readonly here
readonly limit=900 # seconds one run may take
readonly staged_sizes=(1 20 100)
readonly secret_peers=(betterleaks gitleaks kingfisher) iac_peers=(checkov)

rounds=5
only=startup,tree,staged,history,iac
scratch=

die() {
  printf 'bench.sh: %s\n' "$1" >&2
  exit 2
}

usage() {
  sed -n '3,/^$/{s/^#$//;s/^# //;p;}' "${BASH_SOURCE[0]}"
}

# A line of the report about something that could not be measured.
note() {
  printf '\n(skipped: %s)\n' "$1"
}

remove_scratch() {
  if [[ -n $scratch ]]; then rm -rf "$scratch"; fi
}

wanted() {
  [[ ,$only, == *,$1,* ]]
}

# compare TITLE CWD YARDSTICK_NAME YARDSTICK_COMMAND OURS_ARGUMENTS WORKLOAD
# Prints one table. The exit statuses beside a command are those that mean "it did its work".
compare() {
  local title=$1 cwd=$2 base_name=$3 base=$4 ours=$5 workload=$6
  local -a rows=("$base_name" "0,1" "$base" gatepost "0,1,3" "gatepost $ours")
  local -a missing=() peers=("${secret_peers[@]}")
  if [[ $workload == iac ]]; then peers=("${iac_peers[@]}"); fi
  local peer command statuses
  for peer in "${peers[@]}"; do
    if ! command -v "$peer" >/dev/null; then
      missing+=("$peer")
      continue
    fi
    command=$(peer_command "$peer" "$workload")
    statuses=0,1
    if [[ $peer == kingfisher ]]; then statuses=0,200,205; fi
    rows+=("$peer" "$statuses" "$command")
  done
  printf '\n## %s\n\n' "$title"
  python3 "$here/pair.py" --rounds "$rounds" --timeout "$limit" --cwd "$cwd" -- "${rows[@]}" \
    || printf '\n(no table: see the message on standard error)\n'
  for peer in "${missing[@]}"; do
    note "$peer is neither in CORPORA_DIR/peers nor on PATH"
  done
}

# peer_command PEER WORKLOAD: the command line of a peer, validation and network off.
peer_command() {
  local kingfisher="kingfisher scan . --no-validate --no-update-check --format jsonl"
  case $1:$2 in
    betterleaks:startup | betterleaks:tree) echo "betterleaks . --no-banner --silent" ;;
    betterleaks:staged) echo "betterleaks git --staged --no-banner --silent ." ;;
    betterleaks:history) echo "betterleaks git --no-banner --silent ." ;;
    gitleaks:startup | gitleaks:tree) echo "gitleaks dir . --no-banner" ;;
    gitleaks:staged) echo "gitleaks git --staged --pre-commit --no-banner ." ;;
    gitleaks:history) echo "gitleaks git --no-banner ." ;;
    kingfisher:startup | kingfisher:tree) echo "$kingfisher --git-history none" ;;
    kingfisher:staged) echo "$kingfisher --staged" ;;
    kingfisher:history) echo "$kingfisher --git-history full" ;;
    checkov:iac) echo "checkov --directory . --framework terraform cloudformation --skip-download --compact --quiet --output json" ;;
    *) die "no command for $1 on $2" ;;
  esac
}

bench_startup() {
  mkdir "$scratch/empty"
  compare "Start-up, empty folder" "$scratch/empty" rg "rg -c AKIA ." "scan ." startup
}

bench_tree() {
  if [[ ! -d $corpora/tree ]]; then
    note "tree, for CORPORA_DIR/tree is not there"
    return
  fi
  local count
  count=$(find "$corpora/tree" -type f | wc -l)
  compare "Working tree, $count files" "$corpora/tree" rg "rg -uu -c AKIA" "scan ." tree
}

# stage COUNT: append a harmless line to COUNT text files, evenly spread over the index, and
# stage them. Works in the copy of mono.
stage() {
  local count=$1 copy=$scratch/mono index staged
  local -a files
  git -C "$copy" reset --quiet --hard
  # every non-empty text file; NUL-separated, because a path may hold anything else
  mapfile -d '' -t files < <(git -C "$copy" grep --files-with-matches -I -z -e '')
  if ((${#files[@]} < count)); then die "mono has fewer than $count text files"; fi
  for ((index = 0; index < count; index++)); do
    printf '\n# one more line, to have something staged\n' \
      >>"$copy/${files[index * ${#files[@]} / count]}"
  done
  git -C "$copy" -c core.safecrlf=false add --update
  staged=$(git -C "$copy" diff --cached --name-only -z | tr -dc '\0' | wc -c)
  if ((staged != count)); then die "$staged files staged in place of $count"; fi
}

bench_staged() {
  if [[ ! -e $corpora/mono/.git ]]; then
    note "staged, for CORPORA_DIR/mono is not a clone"
    return
  fi
  cp -a --reflink=auto "$corpora/mono" "$scratch/mono"
  local count entries
  entries=$(git -C "$scratch/mono" ls-files | wc -l)
  for count in "${staged_sizes[@]}"; do
    stage "$count"
    compare "Staged, $count of $entries files" "$scratch/mono" "git diff" \
      "git diff --cached --name-only" "scan --staged" staged
  done
}

bench_history() {
  local repository found=
  for repository in "$corpora"/hist/*/; do
    if [[ ! -e $repository/.git ]]; then continue; fi
    found=yes
    compare "History, $(basename "$repository")" "$repository" "git cat-file" \
      "(git cat-file --batch-all-objects --batch --unordered --buffer | wc -c)" \
      "scan --history ." history
  done
  if [[ -z $found ]]; then note "history, for CORPORA_DIR/hist has no clones"; fi
}

bench_iac() {
  local repository found=
  for repository in "$corpora"/iac/*/; do
    if [[ ! -d $repository ]]; then continue; fi
    found=yes
    compare "IaC, $(basename "$repository")" "$repository" rg "rg -uu -c AKIA" "scan --select iac ." iac
  done
  if [[ -z $found ]]; then note "iac, for CORPORA_DIR/iac has no repositories"; fi
}

# The commands by name: links in a folder that leads PATH, so that no command line has to
# quote a path.
link_commands() {
  local peer
  mkdir "$scratch/bin"
  ln -s "$binary" "$scratch/bin/gatepost"
  for peer in "${secret_peers[@]}" "${iac_peers[@]}"; do
    if [[ -x $corpora/peers/$peer ]]; then
      ln -s "$(readlink -f "$corpora/peers/$peer")" "$scratch/bin/$peer"
    fi
  done
  PATH=$scratch/bin:$PATH
}

while (($#)); do
  case $1 in
    --rounds | --only)
      if (($# < 2)); then die "$1 needs a value"; fi
      if [[ $1 == --rounds ]]; then rounds=$2; else only=$2; fi
      shift 2
      ;;
    --help | -h)
      usage
      exit 0
      ;;
    -*) die "unknown option $1" ;;
    *) break ;;
  esac
done
if (($# != 2)); then
  usage >&2
  exit 2
fi
[[ $rounds =~ ^[1-9][0-9]*$ ]] || die "--rounds needs a number above zero, not '$rounds'"
IFS=, read -ra workloads <<<"$only"
for workload in "${workloads[@]}"; do
  case $workload in
    startup | tree | staged | history | iac) ;;
    *) die "--only knows startup, tree, staged, history and iac, not '$workload'" ;;
  esac
done
for tool in git python3 rg; do
  command -v "$tool" >/dev/null || die "$tool is needed and not on PATH"
done
[[ -f $1 && -x $1 ]] || die "not an executable file: $1"
[[ -d $2 ]] || die "not a folder: $2"
binary=$(readlink -f "$1")
corpora=$(readlink -f "$2")
readonly rounds only binary corpora

# A user's own settings must not change what is measured.
unset RIPGREP_CONFIG_PATH GITLEAKS_CONFIG GITLEAKS_CONFIG_TOML BETTERLEAKS_CONFIG \
  BETTERLEAKS_VALIDATE BETTERLEAKS_ANALYZE GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE

trap remove_scratch EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
scratch=$(mktemp -d "$corpora/bench.XXXXXX")
link_commands

for workload in startup tree staged history iac; do
  if wanted "$workload"; then "bench_$workload"; fi
done
