#!/usr/bin/env bash
# The action's last step: decides what to look at, has gatepost look, and tells it where people and later steps read it.
# Everything comes through the environment (see action.yml); nothing of the pull request is run.
#
# Exit code: gatepost's own. Incomplete (3) fails, because a range that could not be read was not checked.
here=${0%/*}
# shellcheck source=action/common.sh
. "$here/common.sh"
# shellcheck source=action/range.sh
. "$here/range.sh"

yes_or_no annotations "${ACTION_ANNOTATIONS:=true}"
yes_or_no summary "${ACTION_SUMMARY:=true}"
yes_or_no accept-new-suppressions "${ACTION_ACCEPT:=false}"

reports=$(mktemp -d "${RUNNER_TEMP:-${TMPDIR:-/tmp}}/gatepost.XXXXXX")
json=$reports/gatepost.json
lines=$reports/gatepost.jsonl
sarif=${ACTION_SARIF:-$reports/gatepost.sarif}
case $sarif in
  /* | [A-Za-z]:*) ;;
  *) sarif=$PWD/$sarif ;;
esac
# One of an earlier run is not this one's, and a link that a change brings is not followed.
rm -f "$sarif" 2>/dev/null || give_up 3 "there is a folder where the SARIF report would go (input sarif-file)"

cd "${ACTION_DIRECTORY:-.}" 2>/dev/null || give_up 2 "there is no folder ${ACTION_DIRECTORY:-.} (input working-directory)"
what_to_look_at

# Whatever the configuration says: here, incomplete is not clean.
words=(scan --incomplete fail --format "${ACTION_FORMAT:-concise}")
words+=(--output "json=$json" --output "jsonl=$lines" --output "sarif-github=$sarif")
[ -z "${ACTION_FAIL_ON:-}" ] || words+=(--fail-on "$ACTION_FAIL_ON")
[ -z "${ACTION_CONFIG:-}" ] || words+=(--config "$ACTION_CONFIG")
[ -z "${ACTION_BASELINE:-}" ] || words+=(--baseline "$ACTION_BASELINE")
! $ACTION_ANNOTATIONS || words+=(--output "github=$reports/annotations")
! $ACTION_SUMMARY || words+=(--output "markdown=$reports/summary.md")
# Only whoever may edit the workflow, or give the label that it looks at, says so.
if $ACTION_ACCEPT && $is_change; then words+=(--accept-new-suppressions); fi
words+=(${looks[@]+"${looks[@]}"})

add_lines() { # add_lines TEXT: each line that is not empty is a word
  local word
  while IFS= read -r word; do
    word=${word%$'\r'}
    [ -z "$word" ] || words+=("$word")
  done <<<"$1"
}
add_lines "${ACTION_ARGS:-}"
words+=(--)
add_lines "${ACTION_PATHS:-.}"

say "looking at $looks_at"
[ -z "$remark" ] || say "$remark"
code=0
quiet "$ACTION_BINARY" "${words[@]}" || code=$?

# In JSON a quote inside of a text has a backslash before it: what is looked for here is never part of one.
count() {
  LC_ALL=C awk '
    function has(text) { return index($0, text) > 0 }
    function number(key) { return match($0, "\"" key "\":[0-9]+") ? substr($0, RSTART + length(key) + 3, RLENGTH - length(key) - 3) : 0 }
    BEGIN { split("info low medium high critical", names, " "); for (i in names) rank[names[i]] = i + 0; complete = "false" }
    has("\"type\":\"finding\"") && !has("\"change\":\"fixed\"") && !has("\"state\":\"suppressed\"") {
      findings++
      if (has("\"state\":\"active\"") && !has("\"change\":\"existing\"")) {
        fresh++
        match($0, /"severity":"[a-z]+"/)
        severity = substr($0, RSTART + 12, RLENGTH - 13)
        if (rank[severity] > rank[highest]) highest = severity
      }
    }
    has("\"type\":\"summary\"") {
      scanned = number("scanned")
      if (has("\"complete\":true")) complete = "true"
      if (match($0, /"skipped":\{[^}]*\}/)) {
        n = split(substr($0, RSTART, RLENGTH), parts, /[,:}]/)
        for (i = 1; i <= n; i++) if (parts[i] ~ /^[0-9]+$/) skipped += parts[i]
      }
      ended = 1
    }
    END { if (ended) print findings + 0, fresh + 0, scanned + 0, skipped + 0, (highest == "" ? "none" : highest), complete }
  ' "$1"
}
counted=''
[ ! -f "$lines" ] || counted=$(count "$lines")
findings='' fresh='' scanned='' skipped='' highest='' complete=false
# shellcheck disable=SC2086 # six words without blanks
if [ -n "$counted" ]; then
  set -- $counted
  findings=$1 fresh=$2 scanned=$3 skipped=$4 highest=$5 complete=$6
fi
# Without a report nobody knows what was looked at.
if [ "$code" = 0 ] && [ "$complete" != true ]; then code=3; fi

# Ours are the only commands, ten of a kind at the most: the runner drops what is more.
if $ACTION_ANNOTATIONS && [ -f "$reports/annotations" ]; then
  errors=0 warnings=0 notices=0
  while IFS= read -r line; do
    case $line in
      '::error '*) errors=$((errors + 1)) told=$errors ;;
      '::warning '*) warnings=$((warnings + 1)) told=$warnings ;;
      '::notice '*) notices=$((notices + 1)) told=$notices ;;
      *) continue ;;
    esac
    [ "$told" -gt 10 ] || printf '%s\n' "$line"
  done <"$reports/annotations"
fi
if $ACTION_SUMMARY && [ -f "$reports/summary.md" ] && [ -n "${GITHUB_STEP_SUMMARY:-}" ]; then
  cat "$reports/summary.md" >>"$GITHUB_STEP_SUMMARY"
  summarize "Looked at: $looks_at."
  [ -z "$remark" ] || summarize "**Note**: $remark."
fi
if [ "$complete" != true ]; then
  case $code in
    0 | 1 | 3) why="not everything was looked at${hint:+. If commits are missing: $hint}" ;;
    *) why="gatepost ended with $code, and the log says why" ;;
  esac
  say "incomplete: $why"
  summarize "**Incomplete**: $why."
fi

output findings "$findings"
output new-findings "$fresh"
output highest-severity "$highest"
output scanned-files "$scanned"
output skipped-files "$skipped"
if [ "$complete" = true ]; then output incomplete false; else output incomplete true; fi
[ ! -f "$json" ] || output json-file "$json"
[ ! -f "$sarif" ] || output sarif-file "$sarif"
output exit-code "$code"
exit "$code"
