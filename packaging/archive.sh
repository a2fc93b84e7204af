#!/usr/bin/env bash
# What a release offers for one kind of machine: gatepost-VERSION-TARGET.tar.gz with the program, its pages for man, its completions,
# licences (those of the crates in it, too) and the changelog, named as Cargo.toml (binstall) and action/checksums.txt expect; for Windows a .zip of the same beside it.
# The same program at the same commit gives the same bytes where tar is GNU's. usage: archive.sh BINARY TARGET FOLDER
set -euo pipefail
target=$2
mkdir -p "$3"
folder=$(cd "$3" && pwd)
binary=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
cd "$(dirname "$0")/.."
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
is=$("$binary" --version | tr -d '\r')
[ "$is" = "gatepost $version" ] || { echo "archive.sh: $1 is $is, Cargo.toml says $version"; exit 2; }
export SOURCE_DATE_EPOCH="${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}"
# The tar of macOS would add a file of its own beside each.
export COPYFILE_DISABLE=1

name=gatepost-$version-$target
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
umask 022
mkdir -p "$scratch/$name/completions"
program=gatepost
case $target in *-windows-*) program=gatepost.exe ;; esac
cp "$binary" "$scratch/$name/$program"
cp LICENSE-APACHE LICENSE-MIT README.md CHANGELOG.md "$scratch/$name/"
"$(command -v python3 || command -v python)" packaging/notices.py "$target" >"$scratch/$name/THIRD-PARTY-NOTICES.txt"
"$binary" generate man --to "$scratch/$name/man" 2>/dev/null
# None of them is called `gatepost`: whoever looks for the program by its name finds one.
for shell in bash zsh fish powershell elvish; do
  case $shell in
    zsh) file=_gatepost ;;
    powershell) file=gatepost.ps1 ;;
    elvish) file=gatepost.elv ;;
    *) file=gatepost.$shell ;;
  esac
  "$binary" generate completions "$shell" >"$scratch/$name/completions/$file"
done

cd "$scratch"
same=()
if tar --version 2>/dev/null | grep -q 'GNU tar'; then
  same=(--sort=name --owner=0 --group=0 --numeric-owner --mtime="@$SOURCE_DATE_EPOCH" '--mode=u+rwX,go+rX,go-w')
fi
tar ${same[@]+"${same[@]}"} -cf "$name.tar" "$name"
gzip -9n "$name.tar"
mv "$name.tar.gz" "$folder/"
echo "$folder/$name.tar.gz"
case $target in
  *-windows-*)
    7z a -tzip -bso0 "$folder/$name.zip" "$name"
    echo "$folder/$name.zip"
    ;;
esac
