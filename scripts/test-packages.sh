#!/usr/bin/env bash
# Every channel by which people get gatepost: built, then installed from its file into a folder of its own, where the program says its
# version and finds a planted key. usage: test-packages.sh [BINARY]   (default: target/release/gatepost, from `cargo build --release
# --locked`, whose target folder is used again). Needs git, Python and, for the .deb, Debian's dpkg.
set -euo pipefail
cd "$(dirname "$0")/.."
target=${CARGO_TARGET_DIR:-target}
mkdir -p "$target"
target=$(readlink -f "$target")
export CARGO_TARGET_DIR=$target
binary=$(readlink -f "${1:-$target/release/gatepost}")
[ -x "$binary" ] || { echo "test-packages.sh: no such binary: $binary"; exit 2; }
for tool in git python3 dpkg dpkg-deb dpkg-query bash man tar; do
  command -v "$tool" >/dev/null || { echo "test-packages.sh: $tool is needed"; exit 2; }
done
# shellcheck source=scripts/python-tools.sh
. scripts/python-tools.sh
python_tools pre-commit==4.7.0 prek==0.5.11
"$PWD/target/venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r packaging/pypi/tools.txt

here=$PWD
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
channels=()

fail() {
  printf 'FAILED %s\n' "$1"
  [ ! -s "$scratch/out" ] || cat "$scratch/out"
  exit 1
}
step() { printf '%6s s  %s\n' "$SECONDS" "$1"; }

# A key of the vendor's shape, put together here so that no scanner trips over this file.
id=AKIA$(printf '%s' Z7TQ2MXWK4RVB6YN)
key=$(printf '%s' 'p8Qv3LmZ/7xYt2RwN+4kBc9H' 'jD6sFaGe1TuXoViE')
mkdir "$scratch/leak" "$scratch/clean" "$scratch/home"
printf '[default]\naws_access_key_id = %s\naws_secret_access_key = %s\n' "$id" "$key" >"$scratch/leak/config.ini"
printf 'region = eu-west-1\n' >"$scratch/clean/config.ini"

# works CHANNEL PROGRAM: it runs without what this shell has set, says which it is, finds the key and does not show it.
works() {
  local code=0
  run() { env -i PATH=/usr/bin:/bin HOME="$scratch/home" LANG=C.UTF-8 "$@" >"$scratch/out" 2>&1; }
  [ -x "$2" ] || fail "$1: there is no $2"
  run "$2" --version || fail "$1: it does not run"
  [ "$(cat "$scratch/out")" = "gatepost $version" ] || fail "$1: it is not version $version"
  run "$2" scan "$scratch/leak" || code=$?
  [ "$code" = 1 ] || fail "$1: a planted key ends with $code"
  grep -q 'aws-access-key' "$scratch/out" || fail "$1: the rule is not named"
  if grep -qF -e "$id" -e "$key" "$scratch/out"; then fail "$1: the key is shown"; fi
  run "$2" scan "$scratch/clean" || fail "$1: what is clean is not"
  channels+=("$1")
  step "$1"
}

# Cargo: from the folder, which costs no second compilation, and from the package as it is published.
cargo install --path . --locked --quiet --root "$scratch/cargo" 2>"$scratch/out" || fail 'cargo install'
works 'cargo install' "$scratch/cargo/bin/gatepost"

cargo package --locked --no-verify --allow-dirty 2>"$scratch/out" || fail 'cargo package'
if grep -i '^ *warning' "$scratch/out"; then fail 'cargo package warns'; fi
crate=$target/package/gatepost-$version.crate
bytes=$(wc -c <"$crate")
[ "$bytes" -lt $((4 << 20)) ] || fail "cargo package: $bytes bytes, and 4 MiB is the limit"
mkdir -p "$target/packages"
rm -rf "$target/packages/gatepost-$version"
tar -xzf "$crate" -C "$target/packages"
# In the profile of the tests, whose crates are built: what is asked here is whether the package is whole.
cargo install --path "$target/packages/gatepost-$version" --debug --locked --quiet --root "$scratch/crate" 2>"$scratch/out" || fail 'cargo package: it does not build'
works "cargo package ($((bytes >> 10)) KiB)" "$scratch/crate/bin/gatepost"

# The archive of a release, found where binstall and the action will look for it.
host=$(rustc -vV | sed -n 's/^host: //p')
template() { # template KEY: what binstall makes of it
  sed -n "s/^$1 = \"\(.*\)\"/\1/p" Cargo.toml | sed -e "s/{ name }/gatepost/g; s/{ version }/$version/g; s/{ target }/$host/g; s/{ bin }/gatepost/; s/{ binary-ext }//; s/{ repo }/R/"
}
packaging/archive.sh "$binary" "$host" "$scratch/archive" >/dev/null
mkdir "$scratch/again" "$scratch/unpacked"
packaging/archive.sh "$binary" "$host" "$scratch/again" >/dev/null
archive=$scratch/archive/$(basename "$(template pkg-url)")
[ "$(template pkg-url)" = "R/releases/download/v$version/gatepost-$version-$host.tar.gz" ] || fail "binstall looks for $(template pkg-url)"
cmp "$archive" "$scratch/again/$(basename "$archive")" || fail 'the archive is not the same twice'
tar -xzf "$archive" -C "$scratch/unpacked"
works 'archive of a release, laid out for cargo binstall' "$scratch/unpacked/$(template bin-dir)"
[ -s "$scratch/unpacked/gatepost-$version-$host/THIRD-PARTY-NOTICES.txt" ] || fail 'the archive has no notices'
[ "$(find "$scratch/unpacked" -name gatepost -type f | wc -l)" = 1 ] || fail 'the archive holds more than one gatepost'

# The action takes that very file where its list of checksums names it, and no other of that name.
mkdir "$scratch/action" "$scratch/runner"
cp -r action action.yml Cargo.toml "$scratch/action/"
(cd "$scratch/archive" && sha256sum -- *.tar.gz) >>"$scratch/action/action/checksums.txt"
find_program() {
  : >"$scratch/outputs"
  (cd "$scratch/clean" && env -i PATH=/usr/bin:/bin RUNNER_TEMP="$scratch/runner" GITHUB_OUTPUT="$scratch/outputs" \
    GATEPOST_DOWNLOADS="file://$scratch/archive" bash "$scratch/action/action/find.sh") >"$scratch/out" 2>&1
}
find_program || fail 'the action does not take the archive'
works 'archive of a release, as the action takes it' "$(find "$scratch/runner" -name gatepost -type f)"
grep -qF "$scratch/runner/" "$scratch/outputs" || fail 'the action has taken another program'
printf 'x' >>"$archive"
if find_program; then fail 'the action takes an archive that is not what was released'; fi

# Pages and completions, by those who read them.
cd "$scratch/unpacked/gatepost-$version-$host"
for page in man/*.1; do
  LC_ALL=C.UTF-8 man --warnings=w -l -Tutf8 "$page" >/dev/null 2>"$scratch/out" || fail "man: $page"
  [ ! -s "$scratch/out" ] || fail "man has something to say on $page"
done
if command -v mandoc >/dev/null; then
  # It warns of each empty line before a list of values (`br before sp`), which reads as it should.
  mandoc -T lint -W error man/*.1 >"$scratch/out" || fail 'mandoc'
fi
bash -n completions/gatepost.bash || fail 'bash: completions'
for file in zsh:_gatepost fish:gatepost.fish; do
  shell=${file%%:*}
  command -v "$shell" >/dev/null || { echo "$shell is not here, and was not asked about its completions"; continue; }
  "$shell" -n "completions/${file#*:}" || fail "$shell: completions"
done
cd "$here"
step "$(find "$scratch/unpacked" -name '*.1' | wc -l) pages for man"

# The wheel, with pip in an environment without an index; then as pre-commit and prek install it.
python3 packaging/notices.py "$host" >packaging/pypi/THIRD-PARTY-NOTICES.txt
(cd packaging/pypi && maturin build --release --locked --quiet --out "$scratch/wheels") >"$scratch/out" 2>&1 || fail 'maturin'
wheel=$(find "$scratch/wheels" -name "gatepost-$version-py3-none-*.whl")
[ -n "$wheel" ] || fail "maturin made $(ls "$scratch/wheels")"
python3 -m venv "$scratch/venv"
"$scratch/venv/bin/pip" install --quiet --disable-pip-version-check --no-index "$wheel" >"$scratch/out" 2>&1 || fail 'pip install'
works "wheel ($(($(wc -c <"$wheel") >> 10)) KiB)" "$scratch/venv/bin/gatepost"
python3 - "$wheel" "$version" <<'END' >"$scratch/out" 2>&1 || fail 'wheel: what is in it'
import json, sys, zipfile
wheel = zipfile.ZipFile(sys.argv[1])
names = wheel.namelist()
assert not [n for n in names if n.endswith(".py")], names
assert sum("licenses/LICENSE-" in n for n in names) == 2, names
(notices,) = [wheel.read(n).decode() for n in names if n.endswith("/licenses/THIRD-PARTY-NOTICES.txt")]
(about,) = [wheel.read(n).decode() for n in names if n.endswith("/METADATA")]
assert "License-Expression: MIT OR Apache-2.0" in about and "# gatepost" in about, about[:2000]
(bom,) = [n for n in names if "/sboms/" in n]
bom = json.loads(wheel.read(bom))
parts = {c["name"] for c in bom["components"]}
assert bom["bomFormat"] == "CycloneDX" and bom["metadata"]["component"]["version"] == sys.argv[2], bom["metadata"]
assert {"gix", "clap", "regex-automata"} <= parts and len(parts) > 100, sorted(parts)
assert "Apache License" in notices and "clap " in notices and "proptest" not in notices, notices[:2000]
END
# What builds the package that has no code comes from the index, and for this test from beside the wheel.
pip download --quiet --disable-pip-version-check --no-deps --dest "$scratch/wheels" "$(grep -o '^setuptools==[0-9.]*' packaging/pypi/tools.txt)"
export PRE_COMMIT_HOME=$scratch/pre-commit PREK_HOME=$scratch/prek GIT_CONFIG_GLOBAL=$scratch/gitconfig GIT_CONFIG_NOSYSTEM=1
export GIT_AUTHOR_NAME=test GIT_AUTHOR_EMAIL=test@example.invalid GIT_COMMITTER_NAME=test GIT_COMMITTER_EMAIL=test@example.invalid
export PIP_NO_INDEX=1 PIP_FIND_LINKS=$scratch/wheels UV_NO_INDEX=1 UV_FIND_LINKS=$scratch/wheels UV_CACHE_DIR=$scratch/uv
# The hooks as this folder has them, committed or not.
git config --global init.defaultBranch main
git init --quiet "$scratch/hooks"
cp pyproject.toml .pre-commit-hooks.yaml "$scratch/hooks/"
git -C "$scratch/hooks" add -A
git -C "$scratch/hooks" commit --quiet -m hooks
for program in pre-commit prek; do
  git init --quiet "$scratch/with-$program"
  cd "$scratch/with-$program"
  printf 'repos:\n  - repo: %s\n    rev: %s\n    hooks:\n      - id: gatepost\n' "$scratch/hooks" "$(git -C "$scratch/hooks" rev-parse HEAD)" >.pre-commit-config.yaml
  git add .pre-commit-config.yaml
  "$program" install >/dev/null
  started=$SECONDS
  git commit -m configured >"$scratch/out" 2>&1 || fail "$program: a clean commit"
  took=$((SECONDS - started))
  cp "$scratch/leak/config.ini" .
  git add config.ini
  if git commit -m leak >"$scratch/out" 2>&1; then fail "$program: a key is committed"; fi
  grep -q 'aws-access-key' "$scratch/out" || fail "$program: the rule is not named"
  if grep -qF -e "$id" -e "$key" "$scratch/out"; then fail "$program: the key is shown"; fi
  installed=$(find "$scratch/$program" \( -name gatepost -o -name gatepost.exe \) -path '*bin*' -type f | head -n 1)
  cd "$here"
  works "$program, id gatepost (installed in $took s)" "$installed"
done
unset PIP_NO_INDEX PIP_FIND_LINKS UV_NO_INDEX UV_FIND_LINKS

# The .deb, twice the same, into a root of its own that knows of this machine's C library and nothing else.
deb=$(packaging/deb/build.sh "$binary" "$scratch/deb")
cmp "$deb" "$(packaging/deb/build.sh "$binary" "$scratch/deb-again")" || fail 'the .deb is not the same twice'
if command -v lintian >/dev/null; then
  # A first upload closes a bug of Debian's archive, which this never enters.
  lintian --allow-root --fail-on error,warning --suppress-tags initial-upload-closes-no-bugs "$deb" >"$scratch/out" 2>&1 || fail 'lintian'
else
  echo 'lintian is not here, and was not asked'
fi
root=$scratch/root
mkdir -p "$root/var/lib/dpkg/info" "$root/var/lib/dpkg/updates"
for package in libc6 libgcc-s1; do
  printf 'Package: %s\nStatus: install ok installed\nMaintainer: none\nArchitecture: %s\nVersion: %s\nDescription: as on this machine\n\n' \
    "$package" "$(dpkg --print-architecture)" "$(dpkg-query -W -f '${Version}' "$package")"
done >"$root/var/lib/dpkg/status"
dpkg --force-not-root --root="$root" --log=/dev/null -i "$deb" >"$scratch/out" 2>&1 || fail 'dpkg -i'
works '.deb' "$root/usr/bin/gatepost"
for file in usr/share/man/man1/gatepost-scan.1.gz usr/share/bash-completion/completions/gatepost usr/share/zsh/vendor-completions/_gatepost \
  usr/share/fish/vendor_completions.d/gatepost.fish usr/share/doc/gatepost/copyright usr/share/doc/gatepost/changelog.gz usr/share/doc/gatepost/THIRD-PARTY-NOTICES.gz; do
  [ -s "$root/$file" ] || fail ".deb: there is no $file"
done
dpkg --force-not-root --root="$root" --log=/dev/null -r gatepost >"$scratch/out" 2>&1 || fail 'dpkg -r'
[ -z "$(find "$root/usr" -type f 2>/dev/null)" ] || fail '.deb: it leaves files behind'

# A program that needs no C library, where Rust's own for it is installed (`rustup target add`).
musl=${host%-gnu}-musl
if [ -d "$(rustc --print target-libdir --target "$musl" 2>/dev/null)" ]; then
  cargo build --release --locked --quiet --target "$musl"
  if grep -aq 'GLIBC_2' "$target/$musl/release/gatepost"; then fail 'musl: it is not static'; fi
  works 'static, with musl' "$target/$musl/release/gatepost"
else
  echo "$musl: not at hand, NOT built here (rustup target add $musl); releases build it"
fi
printf 'packages: %s channels, %s s\n' "${#channels[@]}" "$SECONDS"
