# shellcheck shell=bash disable=SC2034 # run.sh reads what is set here
# What to look at, by the input `mode` and by the event. Sourced, in the repository. Sets `looks` (words for `gatepost scan`),
# `looks_at` (the same in words for people), `hint` (what to do where that is not here), `remark` and `is_change`.
#
# What belongs to a range and is not in the clone is never left out: gatepost is asked for it all the same, says what is
# missing and ends with 3.
looks=() looks_at='' hint='' remark='' is_change=false

# What is asked of git runs nothing that a configuration names, and takes no folder of the pull request for a repository.
ask() {
  GIT_TERMINAL_PROMPT=0 GIT_NO_LAZY_FETCH=1 GIT_OPTIONAL_LOCKS=0 \
    git -c safe.directory='*' -c safe.bareRepository=explicit -c core.fsmonitor=false -c core.hooksPath=/dev/null "$@" 2>/dev/null
}

# The commit of a name; nothing where it is not here.
commit_of() { ask rev-parse --quiet --verify --end-of-options "$1^{commit}" || true; }
is_whole() { [ "$(ask rev-parse --is-shallow-repository)" = false ]; }
is_id() { case $1 in '' | *[!0-9a-f]*) return 1 ;; *[!0]*) return 0 ;; *) return 1 ;; esac }
short() { printf '%.10s' "$1"; }

change() { # change RANGE WORDS
  is_change=true
  looks=("--diff=$1") looks_at=$2
}

files() { looks=() looks_at=$1; }

all_of_history() {
  looks=(--history) looks_at=$1
  # shellcheck disable=SC2016 # words for people
  hint='a history has to be there as a whole: `fetch-depth: 0` in actions/checkout'
}

# Ends the step unless what is checked out has the commit that the event is about: a range that ends elsewhere may be empty.
must_have() { # must_have COMMIT
  is_id "$1" || return 0
  [ "$(commit_of HEAD)" != "$1" ] || return 0
  ask merge-base --is-ancestor "$1" HEAD && return 0
  # A clone that is cut off does not have the parents of HEAD, but HEAD names them.
  ask cat-file commit HEAD | grep -qx "parent $1" && return 0
  give_up 3 "what is checked out is not what the event is about: it does not have $(short "$1")"
}

of_pull_request() {
  local head=${EVENT_HEAD:-} base=${EVENT_BASE:-} parents one='' two=''
  # shellcheck disable=SC2016
  hint='a pull request needs `fetch-depth: 2` in actions/checkout, or 0 to look at each of its commits'
  parents=$(ask rev-list --parents --max-count=1 HEAD) || parents=''
  read -r _ one two _ <<<"$parents" || true
  # The merge that GitHub makes of base and head: its first parent is the base as it is now, its second the head.
  if is_id "$head" && [ "$two" = "$head" ]; then
    change "$one..HEAD" "what the pull request changes, from $(short "$one")"
    of_each_commit "$one" "$two"
    return
  fi
  must_have "$head"
  is_id "$base" || give_up 2 'the event names no base: give the input base'
  change "$base...HEAD" "what the pull request changes, since it left $(short "$base")"
}

# Where the clone has the ends of a pull request and not all of its commits, that is no fault, and it is said.
of_each_commit() { # of_each_commit BASE HEAD
  local all=${EVENT_COMMITS:-} here
  case $all in '' | *[!0-9]* | 1) return 0 ;; esac
  here=$(ask rev-list --count "$1..$2" || true)
  if ! is_whole && [ "${here:-0}" -lt "$all" ]; then
    # shellcheck disable=SC2016
    remark="the ends were compared; of the $all commits between them $here is in this clone, so that a secret which one adds and a later one takes away is not seen: "'`fetch-depth: 0` in actions/checkout brings them all'
  fi
}

of_merge_group() {
  # shellcheck disable=SC2016
  hint='a merge group needs `fetch-depth: 0` in actions/checkout'
  is_id "${EVENT_BASE:-}" || give_up 2 'the event names no base: give the input base'
  must_have "${EVENT_HEAD:-}"
  change "$EVENT_BASE...HEAD" "what the merge group changes, from $(short "$EVENT_BASE")"
}

of_push() {
  local before=${EVENT_BASE:-} why='nothing was there before the push'
  # shellcheck disable=SC2016
  hint='a push has any number of commits: `fetch-depth: 0` in actions/checkout'
  must_have "${EVENT_HEAD:-}"
  if is_id "$before"; then
    # Of a clone that is cut off nobody can say why it is missing.
    if [ -n "$(commit_of "$before")" ] || ! is_whole; then
      change "$before...HEAD" "what was pushed, since $(short "$before")"
      return
    fi
    why="$(short "$before"), which was there before the push, is gone (a push by force)"
  fi
  of_branch "$why"
}

# What a branch has that the default branch has not, else everything.
of_branch() { # of_branch WHY
  local default=${EVENT_DEFAULT:-} fork=''
  if [ -n "$default" ] && [ "${GITHUB_REF:-}" != "refs/heads/$default" ]; then
    fork=$(ask merge-base HEAD "refs/remotes/origin/$default" || true)
  fi
  if [ -n "$fork" ] && [ "$fork" = "$(commit_of HEAD)" ]; then
    files "the files as they are: $1, and there is no commit that the default branch has not"
  elif is_id "$fork"; then
    change "$fork..HEAD" "what the branch has, since it left the default branch at $(short "$fork"): $1"
  else
    is_whole || give_up 3 "$1, and this clone does not have all that the branch is made of. $hint"
    all_of_history "the whole history: $1"
  fi
}

of_event() {
  case ${GITHUB_EVENT_NAME:-} in
    pull_request | pull_request_review | pull_request_review_comment) of_pull_request ;;
    merge_group) of_merge_group ;;
    push) of_push ;;
    pull_request_target | workflow_run)
      give_up 2 "on $GITHUB_EVENT_NAME what is checked out is not the change, or meets a token that may write: run on pull_request, or say by the inputs mode and base what is meant" ;;
    schedule | workflow_dispatch) all_of_history 'the whole history' ;;
    *) files 'the files as they are' ;;
  esac
}

what_to_look_at() {
  local mode=${ACTION_MODE:-auto}
  case $mode in
    auto | diff | tree | history) ;;
    *) give_up 2 "the input mode is auto, diff, tree or history, not $mode" ;;
  esac
  if [ -n "${ACTION_HEAD:-}" ] && [ -z "${ACTION_BASE:-}" ]; then
    give_up 2 'the input head goes with the input base'
  fi
  if [ -n "${ACTION_BASE:-}" ]; then
    case $mode in tree | history) give_up 2 "the input base is not for mode: $mode" ;; esac
    case $ACTION_BASE${ACTION_HEAD:-} in *..*) give_up 2 'the inputs base and head are one commit each' ;; esac
  fi
  if [ "$mode" != tree ]; then
    command -v git >/dev/null || give_up 3 'git is needed, and is not here'
    ask rev-parse --git-dir >/dev/null || give_up 3 'there is no repository here: actions/checkout makes one where git is installed'
  fi

  # Paths in a report are those of the repository, or its remarks stand at the wrong files.
  if [ -n "$(ask rev-parse --show-prefix)" ]; then
    give_up 2 'the input working-directory is the top of a repository; the input paths names what is to be looked at in it'
  fi

  case $mode in
    tree) files 'the files as they are' ;;
    history) all_of_history 'the whole history' ;;
    *)
      if [ -n "${ACTION_BASE:-}" ]; then
        # shellcheck disable=SC2016
        hint='the inputs base and head must name commits of the clone: `fetch-depth: 0` in actions/checkout'
        change "$ACTION_BASE...${ACTION_HEAD:-HEAD}" 'what changed since the input base'
      else
        of_event
        if [ "$mode" = diff ] && ! $is_change && [ "${GITHUB_EVENT_NAME:-}" != push ]; then
          give_up 2 'this event is no change: give the input base'
        fi
      fi
      ;;
  esac
  if [ -n "${ACTION_PATHS:-}" ] && [ "${#looks[@]}" != 0 ]; then
    give_up 2 'the input paths is for files as they are (mode: tree); of a change and of a history, --exclude=GLOB (input args) leaves out'
  fi
}
