#!/bin/sh
# Builds the Debian package of a binary.
#
#   packaging/deb/build.sh BINARY ARCH OUTPUT      ARCH as Debian names it: amd64, arm64
#
# The same binary gives the same bytes: SOURCE_DATE_EPOCH, or the time of the commit, is the time of all files.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
binary=$1
ARCH=$2
output=$3

VERSION=$(sed -n 's/^version = "\(.*\)"/\1/p' "$top/Cargo.toml" | head -n 1)
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git -C "$top" log -1 --format=%ct)}
STAGE=$(mktemp -d)
trap 'rm -rf "$STAGE"' EXIT
export ARCH VERSION SOURCE_DATE_EPOCH

umask 022
"$top/packaging/stage.sh" "$binary" "$STAGE"
find "$STAGE" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
mkdir -p "$output"
# nfpm expands variables in most fields, but not there
sed "s|\${STAGE}|$STAGE|" "$here/nfpm.yaml" >"$STAGE.yaml"
trap 'rm -rf "$STAGE" "$STAGE.yaml"' EXIT
nfpm package --config "$STAGE.yaml" --packager deb --target "$output/"
