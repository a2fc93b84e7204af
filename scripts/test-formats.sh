#!/usr/bin/env bash
# Every format, read by something that is not ours: schemas, xmllint, junitparser, Python's csv, a reader of GitHub's
# Markdown, and the grammar by which build servers read commands; on a tree, on what is clean, and on 200 hostile names
# and contents. usage: test-formats.sh [BINARY]   (default: target/release/gatepost). Needs Python and npm.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/python-tools.sh
. scripts/python-tools.sh

binary=$(realpath "${1:-target/release/gatepost}")
[ -x "$binary" ] || { printf 'no program at %s: build one first\n' "$binary" >&2; exit 1; }
for tool in npm node python3; do
  command -v "$tool" >/dev/null || { printf '%s is needed to check formats, and is not here\n' "$tool" >&2; exit 1; }
done
python_tools check-jsonschema==0.39.0 junitparser==5.0.3

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
npm install --silent --no-audit --no-fund --prefix "$scratch/npm" xmllint-wasm@5.3.0 micromark@4.0.2 micromark-extension-gfm@3.0.0 >/dev/null
here=$PWD
read_with_npm() { (cd "$scratch/npm" && node "$here/scripts/formats/read.mjs" "$@"); }

formats=$("$binary" scan --format none 2>&1 | sed -n 's/.*one of \(.*\)/\1/p' | tr -d ',]' || true)
[ "$(wc -w <<<"$formats")" -ge 16 ] || { printf 'the formats could not be listed: %s\n' "$formats" >&2; exit 1; }

# check NAME REPORT.json: the report in every format.
checked=0
check() {
  local format file page
  for format in $formats; do
    file=$scratch/$1.as-$format page=''
    "$binary" report "$2" --format "$format" --color never >"$file"
    case $format in
      gitlab-secret-detection | gitlab-sast) check-jsonschema --quiet --schemafile scripts/formats/gitlab-security.schema.json "$file" ;;
      gitlab-codequality | rdjson) check-jsonschema --quiet --schemafile "scripts/formats/$format.schema.json" "$file" ;;
      junit | checkstyle) read_with_npm xml "$file" "$here/scripts/formats/$format.xsd" ;;
      markdown)
        page=$file.html
        read_with_npm markdown "$file" >"$page"
        ;;
      *) ;;
    esac
    python3 scripts/formats/check.py "$format" "$file" "$2" ${page:+"$page"}
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

mkdir "$scratch/empty" "$scratch/hostile" "$scratch/tree"
scan empty "$scratch/empty"
check empty "$scratch/empty.json"

names=$(python3 scripts/formats/hostile.py "$scratch/hostile")
scan hostile "$scratch/hostile"
found=$(python3 - "$scratch/hostile.json" "$scratch/hostile" <<'PY'
import base64, json, os, sys

report = json.load(open(sys.argv[1], encoding="utf-8"))
path = lambda f: base64.b64decode(f["path_base64"]) if "path_base64" in f else f["path"].encode()
told = {path(f) for f in report["findings"] if f["rule"] == "aws-access-key"}
names = set(os.listdir(os.fsencode(sys.argv[2])))
if names - told:
    print("not told:", sorted(names - told)[:5], file=sys.stderr)
    sys.exit(1)
print(len(told & names))
PY
)
[ "$found" = "$names" ] || { printf '%s of %s hostile names are told\n' "$found" "$names" >&2; exit 1; }
check hostile "$scratch/hostile.json"

printf 'variable "acl" {\n  default = "public-read"\n}\nresource "aws_s3_bucket" "b" {\n  acl = var.acl\n}\nresource "aws_db_instance" "d" {\n  publicly_accessible = true\n}\n' >"$scratch/tree/main.tf"
printf 'resource "x" "y" {\n  a = [\n' >"$scratch/tree/broken.tf"
scan tree "$scratch/tree"
check tree "$scratch/tree.json"
grep -q '"suggestions":\[{"range"' "$scratch/tree.as-rdjson" || { printf 'nothing is suggested to a review\n' >&2; exit 1; }

# The report that the tests of formats keep: every origin, every state.
sed '1,/^---$/d' testdata/report/json.snap >"$scratch/sample.json"
check sample "$scratch/sample.json"

# The same, where every text in it means harm: a saved report may be anybody's.
for seed in 1 2 3 4; do
  python3 scripts/formats/mutate.py "$scratch/sample.json" "$seed" >"$scratch/mutated-$seed.json"
  check "mutated-$seed" "$scratch/mutated-$seed.json"
done

# No key of the hostile tree is in anything that was written.
python3 - "$scratch" <<'PY'
import os, re, sys

scratch = sys.argv[1]
secrets = set()
for name in os.listdir(os.fsencode(scratch + "/hostile")):
    text = open(os.path.join(os.fsencode(scratch + "/hostile"), name), "rb").read()
    secrets.update(re.findall(rb"AKIA[A-Z2-7]{16}", text) + re.findall(rb"aws_secret_access_key = (\S{40})", text))
written = [entry.path for entry in os.scandir(scratch) if entry.is_file()]
for path in written:
    text = open(path, "rb").read()
    for secret in secrets:
        if secret in text:
            sys.exit(f"a key is in {os.path.basename(path)}")
print(f"{len(secrets)} secrets in none of {len(written)} files")
PY
printf '%s files of %s formats, each as its readers want it; %s hostile names, no command and no control byte\n' "$checked" "$(wc -w <<<"$formats")" "$names"
