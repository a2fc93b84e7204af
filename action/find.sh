#!/usr/bin/env bash
# Finds the gatepost that will look: the one that the caller names; one on the PATH of the version wanted; the released one, if
# its checksum is the one that this commit (or the caller) says; else it is to be built from this commit's own source.
# Nothing runs unverified, and nothing that the pull request brings.
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=action/common.sh
. "$here/common.sh"
source_folder=${here%/action}

own=$(sed -n '/^version = "/{s/^version = "\([^"]*\)".*/\1/p;q;}' "$source_folder/Cargo.toml")
wanted=${ACTION_VERSION:-}
wanted=${wanted#v}
checksum=${ACTION_CHECKSUM:-}
[ -z "$checksum" ] || checksum=$(printf '%s' "$checksum" | tr 'A-F' 'a-f')
case $wanted in
  *[!0-9A-Za-z.+-]*) give_up 2 'the input version is not one: as in 1.2.3' ;;
esac
case $checksum in
  *[!0-9a-f]*) give_up 2 'the input checksum is 64 hexadecimal digits (SHA-256)' ;;
esac
if [ -n "$checksum" ] && [ "${#checksum}" != 64 ]; then
  give_up 2 'the input checksum is 64 hexadecimal digits (SHA-256)'
fi
version=${wanted:-$own}

# What a program says that it is; nothing where it does not run.
version_of() { "$1" --version 2>/dev/null | sed -n '1s/^gatepost //p' || true; }

found() { # found PROGRAM WHAT
  say "$2"
  output binary "$1"
  exit 0
}

# inside FILE FOLDER: whether it lies in it, links resolved.
inside() {
  local file folder
  file=$(cd "$(dirname "$1")" 2>/dev/null && pwd -P) || return 1
  folder=$(cd "$2" 2>/dev/null && pwd -P) || return 1
  case $file/ in "$folder"/*) return 0 ;; esac
  return 1
}

if [ -n "${ACTION_BINARY:-}" ]; then
  program=$(type -P "$ACTION_BINARY" || true)
  [ -n "$program" ] || give_up 2 "there is no program at $ACTION_BINARY (input binary)"
  case $program in
    /* | [A-Za-z]:*) ;;
    *) program=$PWD/$program ;;
  esac
  is=$(version_of "$program")
  [ -n "$is" ] || give_up 2 "$ACTION_BINARY (input binary) is no gatepost that runs here"
  if [ -n "$wanted" ] && [ "$is" != "$wanted" ]; then
    give_up 2 "$ACTION_BINARY (input binary) is gatepost $is, and the input version asks for $wanted"
  fi
  found "$program" "gatepost $is, at $program"
fi

if [ -z "$checksum" ] && program=$(type -P gatepost); then
  # A relative folder on the PATH, or one in the workspace, may hold what the pull request put there.
  case $program in
    /* | [A-Za-z]:*) ;;
    *) program= ;;
  esac
  if [ -z "$program" ] || inside "$program" "${GITHUB_WORKSPACE:-.}"; then
    say 'the gatepost on the PATH lies in the workspace, and is not taken'
  else
    is=$(version_of "$program")
    if [ "$is" = "$version" ]; then
      found "$program" "gatepost $is, the one on the PATH"
    fi
    say "the gatepost on the PATH is ${is:-broken}, and $version is wanted"
  fi
fi

if [ "$version" != "$own" ] && [ -z "$checksum" ]; then
  give_up 2 "this commit of the action has the checksums of $own alone: give the checksum of $version too, or use the action's commit of that version"
fi

folder=$(mktemp -d "${RUNNER_TEMP:-${TMPDIR:-/tmp}}/gatepost-program.XXXXXX")

case ${RUNNER_OS:-$(uname -s)} in
  Linux) system='unknown-linux-musl unknown-linux-gnu' ;;
  macOS | Darwin) system=apple-darwin ;;
  Windows | MINGW* | MSYS*) system=pc-windows-msvc ;;
  *) system= ;;
esac
case ${RUNNER_ARCH:-$(uname -m)} in
  X64 | x86_64) machine=x86_64 ;;
  ARM64 | arm64 | aarch64) machine=aarch64 ;;
  *) machine= ;;
esac

# The asset's name and checksum: of the first kind of program that runs here and that the list has.
asset='' sum=''
for kind in $system; do
  [ -n "$machine" ] || break
  name=gatepost-$version-$machine-$kind.tar.gz
  if [ -n "$checksum" ]; then
    asset=${asset:-$name} sum=$checksum
    continue
  fi
  sum=$(awk -v name="$name" '$2 == name && $1 ~ /^[0-9a-f]+$/ && length($1) == 64 { print $1; exit }' "$here/checksums.txt")
  if [ -n "$sum" ]; then
    asset=$name
    break
  fi
done

# fetch ADDRESS FILE
fetch() {
  curl --fail --silent --show-error --location --proto '=https,file' --proto-redir '=https' --retry 3 --max-time 300 --output "$2" "$1"
}

if command -v sha256sum >/dev/null; then sha256=(sha256sum); else sha256=(shasum -a 256); fi
sum_of() { "${sha256[@]}" "$1" | sed 's/^\\//; s/ .*//'; }

unpack() { # in the folder, since a tar on Windows takes the colon of a drive for a host
  (cd "$folder" && tar -xzf asset.tar.gz)
}

# Whose releases are meant is in the path that the runner puts an action at; one that is used as `./` has none.
base=${GATEPOST_DOWNLOADS:-}
repository=${source_folder#*/_actions/}
if [ -z "$base" ] && [ "$repository" != "$source_folder" ]; then
  repository=$(printf '%s' "$repository" | cut -d/ -f1,2)
  base=${GITHUB_SERVER_URL:-https://github.com}/$repository/releases/download/v$version
fi

if [ -n "$asset" ] && [ -n "$base" ]; then
  if quiet fetch "$base/$asset" "$folder/asset.tar.gz"; then
    is=$(sum_of "$folder/asset.tar.gz")
    if [ "$is" != "$sum" ]; then
      rm -rf "$folder"
      give_up 3 "$asset has the SHA-256 $is, and not $sum: it is not what was released, and was not run"
    fi
    quiet unpack || give_up 3 "$asset cannot be unpacked"
    program=$(find "$folder" -type f \( -name gatepost -o -name gatepost.exe \) | head -n 1)
    [ -n "$program" ] || give_up 3 "$asset holds no gatepost"
    is=$(version_of "$program")
    [ "$is" = "$version" ] || give_up 3 "the gatepost in $asset does not run here, or is not $version"
    found "$program" "gatepost $is, as released ($asset, SHA-256 $sum)"
  fi
  [ "$version" = "$own" ] && [ -z "$checksum" ] || give_up 3 "$asset could not be downloaded"
  say "$asset could not be downloaded"
elif [ "$version" != "$own" ] || [ -n "$checksum" ]; then
  give_up 3 "nobody says where gatepost $version for this machine could be downloaded"
fi

rm -rf "$folder"

# From here on: built from this commit. The key of the cache is made of all that the program is made of, and of the C library
# that it will want.
cd "$source_folder"
digest=$(find Cargo.toml Cargo.lock build.rs rust-toolchain.toml src rules -type f | LC_ALL=C sort | tr '\n' '\0' | xargs -0 "${sha256[@]}" | sum_of -)
library=$(getconf GNU_LIBC_VERSION 2>/dev/null | tr -c 'A-Za-z0-9.\n' - || true)
say "gatepost $version is to be built from the action's own source"
output build "${RUNNER_TEMP:-${TMPDIR:-/tmp}}/gatepost-$digest"
output cache-key "gatepost-${RUNNER_OS:-$(uname -s)}-${RUNNER_ARCH:-$(uname -m)}-${library:-none}-$digest"
