# shellcheck shell=bash
# What both steps of the action share. Sourced. Runs in the bash 3.2 of macOS and in Git's bash on Windows.
set -euo pipefail

# One stream: the runner reads two side by side, and then a line may be taken for a command before the word that stops
# commands has come.
exec 2>&1

# Two words that nobody can guess: one to stop commands, which is printed, one to end the values of outputs, which is not.
bytes=$(od -An -v -N32 -tx1 /dev/urandom)
bytes=${bytes//[[:space:]]/}
stop=${bytes:0:32} end=${bytes:32:32}
[ "${#end}" = 32 ] || exit 4

# harmless TEXT: into `line`, one line that repaints no terminal and has no `##[` in it. That no `::` begins it is for whoever
# prints it.
harmless() {
  line=${1//[[:cntrl:]]/}
  line=${line//'#['/'# ['}
}

# say TEXT: a line of our own in the log.
say() {
  harmless "$1"
  printf 'gatepost: %s\n' "$line"
}

# quiet COMMAND...: runs it with all that it prints kept from being commands. What it prints may end without a line feed.
quiet() {
  local code=0
  printf '::stop-commands::%s\n' "$stop"
  "$@" || code=$?
  printf '\n::%s::\n' "$stop"
  return "$code"
}

# output NAME VALUE: an output of the step.
output() {
  if [ -n "${GITHUB_OUTPUT:-}" ]; then
    printf '%s<<%s\n%s\n%s\n' "$1" "$end" "$2" "$end" >>"$GITHUB_OUTPUT"
  fi
}

# summarize TEXT: a paragraph of our own in the summary of the job.
summarize() {
  if [ "${ACTION_SUMMARY:-true}" = true ] && [ -n "${GITHUB_STEP_SUMMARY:-}" ]; then
    harmless "$1"
    printf '\n%s\n' "$line" >>"$GITHUB_STEP_SUMMARY"
  fi
}

# give_up CODE TEXT: ends the step before anything was looked at. 2: the workflow is wrong; 3: what should have been looked
# at, or looked with, is not there.
give_up() {
  harmless "nothing was looked at: $2"
  if [ "${ACTION_ANNOTATIONS:-true}" = true ]; then
    printf '::error title=gatepost::%s\n' "${line//%/%25}"
  else
    printf 'gatepost: %s\n' "$line"
  fi
  summarize "**gatepost looked at nothing**: $2"
  output exit-code "$1"
  output incomplete true
  exit "$1"
}

# yes_or_no NAME VALUE: ends the step where an input is neither.
yes_or_no() {
  case $2 in
    true | false) ;;
    *) give_up 2 "the input $1 is \`true\` or \`false\`, not \`$2\`" ;;
  esac
}
