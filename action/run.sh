#!/usr/bin/env bash
# The action's one step. Everything comes through the environment (see action.yml); nothing of the pull request is run.
#
# Exit code: gatepost's own. Incomplete (3) fails, because a range that could not be read was not checked.
set -euo pipefail

directory=${GATEPOST_DIRECTORY:-.}
report=${RUNNER_TEMP:-$(mktemp -d)}/gatepost.json

binary=${GATEPOST_BINARY:-}
if [ -z "$binary" ]; then
  root=${RUNNER_TEMP:-$(mktemp -d)}/gatepost
  cargo install --locked --quiet --root "$root" --path "$GATEPOST_SOURCE"
  binary=$root/bin/gatepost
fi

# What the change is compared with: what the caller says, or the first parent of a pull request's merge commit (which
# is there with `fetch-depth: 2`), or the base that the event names.
base=${GATEPOST_BASE:-}
if [ -z "$base" ] && [ "${GITHUB_EVENT_NAME:-}" = pull_request ] && git -C "$directory" rev-parse --quiet --verify 'HEAD^2' >/dev/null; then
  base=HEAD^1
fi
base=${base:-${GATEPOST_EVENT_BASE:-}}
# All zeros: the first push of a branch has nothing before it.
case $base in *[!0]*) ;; *) base= ;; esac

args=()
while IFS= read -r word; do
  [ -n "$word" ] && args+=("$word")
done <<<"${GATEPOST_ARGS:-}"

scan=(scan --fail-on "${GATEPOST_FAIL_ON:-medium}" --format concise --output "json=$report")
if [ -n "$base" ]; then
  scan+=(--diff "$base")
  # Only whoever may edit the workflow, or give the label that it looks at, says so.
  if [ "${GATEPOST_ACCEPT:-false}" = true ]; then
    scan+=(--accept-new-suppressions)
  fi
fi

# Lines of the report are never commands to the runner: they stand between two words that nobody can guess.
stop=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
printf '::stop-commands::%s\n' "$stop"
code=0
(cd "$directory" && "$binary" "${scan[@]}" ${args[@]+"${args[@]}"} .) || code=$?
printf '::%s::\n' "$stop"

findings=0
if [ -f "$report" ]; then
  # Suppressed ones are in the report too, and do not count.
  findings=$({ grep -o '"state":"active"' "$report" || true; } | wc -l | tr -d ' ')
fi
if [ -n "${GITHUB_OUTPUT:-}" ]; then
  printf 'findings=%s\nexit-code=%s\nreport=%s\n' "$findings" "$code" "$report" >>"$GITHUB_OUTPUT"
fi
exit "$code"
