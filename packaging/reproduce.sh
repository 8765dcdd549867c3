#!/bin/sh
# Builds the last commit twice, in two folders with other names, and compares the bytes: `make reproduce`.
#
#   PROFILE=quick packaging/reproduce.sh      not the release profile, for a quicker answer
set -eu

cd "$(dirname "$0")/.."
target=$(uname -m)-unknown-linux-musl
profile=${PROFILE:-release}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

for folder in first another/folder; do
    git clone -q . "$work/$folder"
    # of an old build nothing is used
    CARGO_TARGET_DIR=$work/$folder/target "$work/$folder/packaging/build.sh" "$target" "$profile" >"$work/built" 2>"$work/log" ||
        { cat "$work/log" >&2; exit 1; }
    sha256sum <"$(cat "$work/built")" >>"$work/sums"
done
sort -u "$work/sums"
[ "$(sort -u "$work/sums" | wc -l)" = 1 ] || { echo "reproduce: the builds differ" >&2; exit 1; }
echo "reproduce: both builds have the same bytes"
