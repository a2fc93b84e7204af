#!/usr/bin/env bash
# The SARIF formats against Microsoft's validator, with the rules that GitHub adds: no error and no warning.
# usage: test-sarif.sh [BINARY [CORPUS]]   (default: target/release/gatepost ../shared/conformance). Needs npm and Python.
set -euo pipefail
cd "$(dirname "$0")/.."

binary=$(realpath "${1:-target/release/gatepost}")
[ -x "$binary" ] || { printf 'no program at %s: build one first\n' "$binary" >&2; exit 1; }
for tool in npm python3; do
  command -v "$tool" >/dev/null || { printf '%s is needed to check SARIF, and is not here\n' "$tool" >&2; exit 1; }
done

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

npm install --silent --no-audit --no-fund --prefix "$scratch/npm" @microsoft/sarif-multitool@5.7.0 >/dev/null
case $(uname -s) in
  Darwin) kind=darwin ;;
  *) kind=linux ;;
esac
validator=$scratch/npm/node_modules/@microsoft/sarif-multitool-$kind/Sarif.Multitool
[ -f "$validator" ] || { printf 'the validator did not come with its program for %s\n' "$kind" >&2; exit 1; }
chmod u+x "$validator"

# check NAME REPORT.json: the report in both formats.
checked=0
check() {
  local format
  for format in sarif sarif-github; do
    "$binary" report "$2" --format "$format" >"$scratch/$1.$format.sarif"
    # Its exit code says nothing: what it found is in what it writes.
    "$validator" validate "$scratch/$1.$format.sarif" --rule-kind 'Sarif;Ghas' --output "$scratch/checked.sarif" \
      --level 'Error;Warning;Note' --log ForceOverwrite >"$scratch/log" || { cat "$scratch/log"; exit 1; }
    python3 - "$scratch/$1.$format.sarif" "$scratch/checked.sarif" "$1 $format" <<'PY'
import collections, json, sys

written = json.load(open(sys.argv[1], encoding="utf-8"))["runs"][0]
run = json.load(open(sys.argv[2], encoding="utf-8-sig"))["runs"][0]
levels = collections.Counter(result.get("level", "warning") for result in run["results"])
faults = [r for r in run.get("invocations", [{}])[0].get("toolExecutionNotifications", []) if r.get("level") == "error"]
print(f"{sys.argv[3]}: {len(written['results'])} results, {levels['error']} errors, {levels['warning']} warnings, {levels['note']} notes")
bad = [r for r in run["results"] if r.get("level", "warning") in ("error", "warning")]
for result in bad[:20]:
    print(" ", result.get("level", "warning"), result["ruleId"], result["message"], file=sys.stderr)
for fault in faults:
    print("  the validator failed:", fault["message"], file=sys.stderr)
lacking = [r for r in written["results"] if not r.get("partialFingerprints", {}).get("primaryLocationLineHash")]
sys.exit(bool(bad or faults or lacking))
PY
    checked=$((checked + 1))
  done
}

# scan NAME FOLDER: a report of a folder; findings are no fault here.
scan() {
  local code=0
  (cd "$2" && "$binary" scan --isolated --select all --format json . >"$scratch/$1.json") || code=$?
  case $code in
    0 | 1 | 3) ;;
    *) printf 'the scan of %s ended with %s\n' "$1" "$code" >&2; exit 1 ;;
  esac
}

mkdir "$scratch/empty"
scan empty "$scratch/empty"
check empty "$scratch/empty.json"

# A little of everything; keys are put together here, so that no scanner trips over this file.
id=AKIA$(printf '%s' Z7TQ2MXWK4RVB6YN)
key=$(printf '%s' 'p8Qv3LmZ/7xYt2RwN+4kBc9H' 'jD6sFaGe1TuXoViE')
tree=$scratch/tree
mkdir -p "$tree/a b [c]" "$tree/infra"
printf 'aws_access_key_id = %s\naws_secret_access_key = %s\n' "$id" "$key" >"$tree/a b [c]/#1%?.ini"
printf '# gatepost: ignore[aws-access-key] a fixture\naws_access_key_id = %s\naws_secret_access_key = %s\n' "$id" "$key" >"$tree/ignored.ini"
printf 'aws_access_key_id = %s\naws_secret_access_key = %s\n' "$id" "$key" >"$tree/inner.ini"
(cd "$tree" && tar -cf packed.tar inner.ini)
# Where a file system takes no such name, there is one path less to check.
printf 'aws_access_key_id = %s\naws_secret_access_key = %s\n' "$id" "$key" 2>/dev/null >"$tree/$(printf 'caf\351')" || true
printf 'variable "acl" {\n  default = "public-read"\n}\nresource "aws_s3_bucket" "b" {\n  acl = var.acl\n}\n' >"$tree/infra/main.tf"
printf 'resource "x" "y" {\n  a = [\n' >"$tree/infra/broken.tf"
scan tree "$tree"
grep -q '"aws-access-key"' "$scratch/tree.json" || { printf 'nothing was found in the tree\n' >&2; exit 1; }
check tree "$scratch/tree.json"
printf '{"schema_version":1,"findings":[],"counts":{"scanned":0,"failed":0,"bytes":0}}' >"$scratch/none.json"
for change in 'none tree' 'tree none'; do
  read -r old new <<<"$change"
  code=0
  "$binary" diff "$scratch/$old.json" "$scratch/$new.json" --format json >"$scratch/diff.json" || code=$?
  [ "$code" = 0 ] || [ "$code" = 1 ] || [ "$code" = 3 ] || { printf 'the comparison ended with %s\n' "$code" >&2; exit 1; }
  check "diff-$old-$new" "$scratch/diff.json"
done

# The report that the tests of formats keep: hostile paths and texts, every origin, every state.
sed '1,/^---$/d' testdata/report/json.snap >"$scratch/sample.json"
check sample "$scratch/sample.json"

corpus=${2:-../shared/conformance}
if [ -d "$corpus" ]; then
  # It lays its cases out as folders; how well they are found is another script's concern.
  python3 "$corpus/conformance.py" --bin "$binary" --quiet --keep "$scratch/corpus" >/dev/null
  for folder in "$scratch/corpus"/*; do
    scan "corpus-${folder##*/}" "$folder"
    check "corpus-${folder##*/}" "$scratch/corpus-${folder##*/}.json"
  done
fi

printf '%s files of SARIF without an error or a warning\n' "$checked"
