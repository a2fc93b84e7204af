#!/usr/bin/env bash
# A .deb of a program that is built already, with its pages for man, its completions and what Debian asks for. Nothing is compiled,
# and the same program at the same commit gives the same bytes. usage: build.sh BINARY FOLDER
set -euo pipefail
binary=$(readlink -f "$1")
mkdir -p "$2"
folder=$(readlink -f "$2")
cd "$(dirname "$0")/../.."
for tool in dpkg-deb gzip git md5sum python3 cargo; do
  command -v "$tool" >/dev/null || { echo "packaging/deb: $tool is needed"; exit 2; }
done
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
is=$("$binary" --version)
[ "$is" = "gatepost $version" ] || { echo "packaging/deb: $1 is $is, Cargo.toml says $version"; exit 2; }
repository=$(sed -n 's/^repository = "\(.*\)"/\1/p' Cargo.toml)
export SOURCE_DATE_EPOCH="${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}"
architecture=$(dpkg --print-architecture)

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
umask 022
chmod 755 "$root"
share=$root/usr/share
doc=$share/doc/gatepost
mkdir -p "$root/DEBIAN" "$root/usr/bin" "$doc" "$share/man" \
  "$share/bash-completion/completions" "$share/zsh/vendor-completions" "$share/fish/vendor_completions.d"
install -m 755 "$binary" "$root/usr/bin/gatepost"
"$binary" generate man --to "$share/man/man1" 2>/dev/null
"$binary" generate completions bash >"$share/bash-completion/completions/gatepost"
"$binary" generate completions zsh >"$share/zsh/vendor-completions/_gatepost"
"$binary" generate completions fish >"$share/fish/vendor_completions.d/gatepost.fish"
gzip -9n "$share"/man/man1/*.1
gzip -9nc CHANGELOG.md >"$doc/changelog.gz"
python3 packaging/notices.py "$(rustc -vV | sed -n 's/^host: //p')" | gzip -9n >"$doc/THIRD-PARTY-NOTICES.gz"
maintainer="gatepost's authors <packages@gatepost.invalid>"
gzip -9nc >"$doc/changelog.Debian.gz" <<END
gatepost ($version-1) stable; urgency=medium

  * Version $version; what is new is in changelog.gz.

 -- $maintainer  $(LC_ALL=C date -u -R -d "@$SOURCE_DATE_EPOCH")
END
{
  cat <<END
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: gatepost
Source: $repository

Files: *
Copyright: $(sed -n 's/^Copyright (c) //p' LICENSE-MIT | head -n 1)
License: Expat or Apache-2.0
Comment: The crates in the program are under licences of their own; their texts are in
 /usr/share/doc/gatepost/THIRD-PARTY-NOTICES.gz.

License: Apache-2.0
 On Debian systems, the text of the Apache License 2.0 is in /usr/share/common-licenses/Apache-2.0.

License: Expat
END
  sed -n '/^Permission is hereby/,$p' LICENSE-MIT | sed -e 's/^$/./' -e 's/^/ /'
} >"$doc/copyright"

# A static program asks for nothing; of one that is not, the newest symbol of the C library says how new that has to be.
depends=
libc=$(grep -aoE 'GLIBC_[0-9]+(\.[0-9]+)+' "$binary" | sort -uV | tail -n 1 || true)
if [ -n "$libc" ]; then depends="libc6 (>= ${libc#GLIBC_})"; fi
if grep -aq 'libgcc_s\.so\.1' "$binary"; then depends="$depends, libgcc-s1"; fi

(cd "$root" && find usr -type f -print0 | LC_ALL=C sort -z | xargs -0 md5sum) >"$root/DEBIAN/md5sums"
{
  cat <<END
Package: gatepost
Version: $version-1
Architecture: $architecture
Maintainer: $maintainer
Installed-Size: $(du -sk --apparent-size "$root/usr" | cut -f1)
END
  if [ -n "$depends" ]; then echo "Depends: $depends"; fi
  cat <<END
Section: devel
Priority: optional
Homepage: $repository
Description: linter for leaked credentials and dangerous infrastructure code
 gatepost looks for AWS keys and other credentials, credential files, and
 infrastructure code that opens what should be closed (wildcard IAM, public
 buckets), in files, in what is staged, in changes and in whole histories.
 It runs as a hook of git, in pull requests and by hand, and asks no network.
END
} >"$root/DEBIAN/control"
deb=$folder/gatepost_$version-1_$architecture.deb
dpkg-deb --root-owner-group -Zxz --build "$root" "$deb" >/dev/null
echo "$deb"
