#!/usr/bin/env bash
# Builds what a release has for one target, below artefacts/: an archive, a wheel, npm packages, and on Linux the Debian
# package and the SBOM. The tools of packaging/requirements.txt are in the PATH.
#
#   packaging/release.sh TARGET NPM [DEB]      NPM and DEB name the system as npm and Debian do; PROFILE is release
set -euo pipefail

cd "$(dirname "$0")/.."
target=$1
npm=$2
deb=${3:-}
profile=${PROFILE:-release}
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
artefacts=$PWD/artefacts
mkdir -p "$artefacts"

binary=$(packaging/build.sh "$target" "$profile")
if [ ! -e "$binary" ]; then binary=$binary.exe; fi
"$binary" --version | grep -q "^composegen $version"

# a static binary runs with every libc
compatibility=()
if [[ $target == *-linux-musl ]]; then compatibility=(--compatibility manylinux2014 musllinux_1_1); fi
(
    # shellcheck source=packaging/env.sh
    . packaging/env.sh
    cd packaging/pypi
    maturin build --locked --out "$artefacts" --target "$target" --profile "$profile" ${compatibility[@]+"${compatibility[@]}"}
)

node packaging/npm/pack.mjs "$version" "$artefacts" "$npm=$binary"
# every job would make the one package that depends on the others
if [ "$npm" != linux-x64 ]; then rm "$artefacts/composegen-$version.tgz"; fi

name=composegen-$version-$target
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
mkdir "$stage/$name"
cp "$binary" LICENSE-MIT LICENSE-APACHE README.md CHANGELOG.md "$stage/$name/"
case $target in
*-windows-*) (cd "$stage" && 7z a -bso0 "$artefacts/$name.zip" "$name") ;;
*) tar -C "$stage" -czf "$artefacts/$name.tar.gz" "$name" ;;
esac

if [ -n "$deb" ]; then
    packaging/deb/build.sh "$binary" "$deb" "$artefacts"
fi
if [ "$npm" = linux-x64 ]; then
    unzip -p "$artefacts"/*.whl '*.dist-info/sboms/*.cyclonedx.json' >"$artefacts/composegen-$version.cyclonedx.json"
fi
