#!/usr/bin/env bash
# The HTML report: by html-validate, and in headless Chromium with axe-core, a keyboard, a phone, a printer and no script;
# with 20,000 findings, too. usage: test-html.sh [BINARY [SCREENSHOTS]]   (default: target/release/gatepost target/html).
# Needs Python, npm and Chromium, which it installs from Debian's packages where it may.
set -euo pipefail
cd "$(dirname "$0")/.."

binary=$(realpath "${1:-target/release/gatepost}")
screenshots=${2:-target/html}
[ -x "$binary" ] || { printf 'no program at %s: build one first\n' "$binary" >&2; exit 1; }
for tool in npm node python3; do
  command -v "$tool" >/dev/null || { printf '%s is needed to look at the report, and is not here\n' "$tool" >&2; exit 1; }
done
if ! CHROMIUM=$(command -v chromium || command -v chromium-browser || command -v google-chrome); then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get update -qq >/dev/null && apt-get install -y -qq chromium >/dev/null
  fi
  CHROMIUM=$(command -v chromium) || { printf 'Chromium is needed to look at the report, and is not here\n' >&2; exit 1; }
fi
export CHROMIUM

mkdir -p "$screenshots"
screenshots=$(realpath "$screenshots")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
npm install --silent --no-audit --no-fund --prefix "$scratch/npm" html-validate@10.17.0 playwright-core@1.65.1 axe-core@4.14.1 >/dev/null
here=$PWD

# look NAME REPORT.json [large]
look() {
  local page=$scratch/$1.html
  "$binary" report "$2" --format html >"$page"
  if [ "${3:-}" != large ]; then
    (cd "$scratch/npm" && node_modules/.bin/html-validate --config "$here/scripts/html/htmlvalidate.json" "$page")
  fi
  (cd "$scratch/npm" && timeout 300 node "$here/scripts/html/look.mjs" "$page" "$2" "$1" "$screenshots" "${3:-}")
}

mkdir "$scratch/empty"
(cd "$scratch/empty" && "$binary" scan --isolated --format json .) >"$scratch/empty.json"
look empty "$scratch/empty.json"

# The report that the tests of formats keep: hostile paths and texts, every origin, every state.
sed '1,/^---$/d' testdata/report/json.snap >"$scratch/sample.json"
look sample "$scratch/sample.json"

# Names and contents of a tree that means harm.
mkdir "$scratch/tree"
python3 scripts/formats/hostile.py "$scratch/tree" >/dev/null
code=0
(cd "$scratch/tree" && "$binary" scan --isolated --format json .) >"$scratch/hostile.json" || code=$?
[ "$code" = 1 ] || { printf 'the scan of the hostile tree ended with %s\n' "$code" >&2; exit 1; }
look hostile "$scratch/hostile.json"

python3 scripts/html/many.py "$scratch/sample.json" 20000 >"$scratch/many.json"
look many "$scratch/many.json" large
python3 - "$binary" "$scratch" <<'PY'
import os, statistics, subprocess, sys, time

binary, scratch = sys.argv[1:]
def took(form):
    start = time.perf_counter()
    with open(f"{scratch}/timed.{form}", "wb") as out:
        subprocess.run([binary, "report", f"{scratch}/many.json", "--format", form], stdout=out, check=True)
    return time.perf_counter() - start
ratio = statistics.median(took("html") / took("json") for _ in range(5))
size = lambda form: os.path.getsize(f"{scratch}/timed.{form}")
print(f"20,000 findings: {size('html') / 1e6:.1f} MB of HTML ({size('html') / size('json'):.2f}x of JSON), written in {ratio:.2f}x of the time of JSON")
PY
printf 'screenshots: %s\n' "$screenshots"
