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
# what docs/operate.md installs by hand; nothing is enabled
install -D -m 755 "$top/contrib/composegen-textfile" "$STAGE/usr/bin/composegen-textfile"
install -D -m 644 "$top/contrib/sysusers.conf" "$STAGE/usr/lib/sysusers.d/composegen.conf"
install -d "$STAGE/usr/lib/systemd/system"
for unit in "$top"/contrib/systemd/*; do
    sed 's|/usr/local/bin/|/usr/bin/|' "$unit" >"$STAGE/usr/lib/systemd/system/${unit##*/}"
done
install -D -m 644 -t "$STAGE/usr/share/doc/composegen/examples" \
    "$top/contrib/prometheus/rules.yml" "$top/contrib/grafana/composegen.json"
find "$STAGE" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
mkdir -p "$output"
# nfpm expands variables in most fields, but not there
sed "s|\${STAGE}|$STAGE|; s|\${HERE}|$here|" "$here/nfpm.yaml" >"$STAGE.yaml"
trap 'rm -rf "$STAGE" "$STAGE.yaml"' EXIT
nfpm package --config "$STAGE.yaml" --packager deb --target "$output/"
