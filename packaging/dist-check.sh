#!/bin/sh
# Builds everything that a release has, installs each in a clean environment and runs it there: `make dist-check`.
#
# It needs Rust with the musl target, musl-tools, npm, and for the rest root and debootstrap; the container needs the
# engine of the tests. What is missing fails with CI=true and is skipped with its reason otherwise.
set -eu
PATH=$PATH:/usr/sbin:/sbin

top=$(cd "$(dirname "$0")/.." && pwd)
cd "$top"
dist=$top/target/dist
target=$(uname -m)-unknown-linux-musl
profile=${PROFILE:-quick}
fixtures=$top/tests/fixtures

say() { echo "dist-check: $*"; }
die() { echo "dist-check: $*" >&2; exit 1; }
skip() {
    [ "${CI:-}" != true ] || die "$*"
    say "SKIPPED: $*"
}
has() { command -v "$1" >/dev/null 2>&1; }

mkdir -p "$dist"
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# --- tools ---

stamp=$(cksum <packaging/requirements.txt)
if [ "$(cat "$dist/stamp" 2>/dev/null)" != "$stamp" ]; then
    rm -rf "$dist/venv"
    python3 -m venv "$dist/venv"
    "$dist/venv/bin/pip" install -q --disable-pip-version-check -r packaging/requirements.txt
    echo "$stamp" >"$dist/stamp"
fi
PATH=$dist/venv/bin:$PATH

# What an installed composegen must do, wherever it is: say its version, and catch the drift of a recorded host.
try_it() { # try_it WHAT COMMAND...
    what=$1
    shift
    said=$("$@" --version) || die "$what does not run"
    case $said in
    "composegen $version"*) ;;
    *) die "$what says: $said" ;;
    esac
    status=0
    KIOSK_TAG=7.1 "$@" -C "$fixtures/sound" drift --host web --snapshot "$fixtures/hosts/web.json" \
        >"$work/drift" 2>"$work/errors" || status=$?
    { [ "$status" = 1 ] && grep -q network-attached "$work/drift"; } ||
        die "$what finds no drift (status $status): $(cat "$work/drift" "$work/errors")"
    say "$what: $said"
}

# --- the binary ---

rustup target add "$target" >/dev/null 2>&1 || :
binary=$top/$(packaging/build.sh "$target" "$profile")
case $(ldd "$binary" 2>&1 || :) in *static*|*'not a dynamic'*) ;; *) die "the binary is not static" ;; esac
try_it "static binary ($(wc -c <"$binary") bytes)" "$binary"
"$binary" --version | grep -q "($(git rev-parse HEAD | cut -c1-9) [0-9-]*)" || die "--version has no commit and day"
! grep -qa -e "$HOME/.cargo" -e "$top/src" "$binary" || die "the binary holds paths of this machine"

# --- the crate: what it needs, and nothing more ---

cargo package --locked --allow-dirty --list >"$work/packaged"
! grep -vE '^(src|docs|templates|environments|examples|benches)/|^(Cargo\.(toml|toml\.orig|lock)|build\.rs|\.cargo_vcs_info\.json)$|^(README|CHANGELOG|SECURITY|ARCHITECTURE|CONTRIBUTING)\.md$|^LICENSE-(MIT|APACHE)$' \
    "$work/packaged" || die "the crate holds more than it needs"
say "crate: $(wc -l <"$work/packaged") files"

# --- licences, sources and versions of the dependencies; advisories too, where they can be fetched ---

cargo-deny --locked check bans licenses sources >"$work/deny" 2>&1 || { cat "$work/deny" >&2; die "cargo deny"; }
say "cargo deny: $(tail -n 1 "$work/deny")"

# --- PyPI ---

rm -rf "$dist/wheels"
(. packaging/env.sh && cd packaging/pypi && maturin build -q --locked --out "$dist/wheels" --target "$target" --profile "$profile" \
    --compatibility manylinux2014 musllinux_1_1) 2>"$work/maturin" || { cat "$work/maturin" >&2; die "maturin"; }
wheel=$(echo "$dist"/wheels/*.whl)
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check --no-index "$wheel"
try_it "wheel ${wheel##*/}" "$work/venv/bin/composegen"
unzip -p "$wheel" '*.dist-info/sboms/*.cyclonedx.json' >"$dist/composegen.cyclonedx.json"
python3 - "$dist/composegen.cyclonedx.json" "$version" <<'END' || die "the SBOM is not what it should be"
import json, sys
sbom = json.load(open(sys.argv[1]))
assert sbom["bomFormat"] == "CycloneDX", sbom["bomFormat"]
assert sbom["metadata"]["component"]["version"] == sys.argv[2]
names = {component["name"] for component in sbom["components"]}
assert {"clap", "bollard", "minijinja"} <= names, names
print(f"dist-check: SBOM: CycloneDX {sbom['specVersion']}, {len(names)} crates")
END

# --- pre-commit: the hooks of the last commit install the wheel, from an index that has nothing else ---

mkdir "$work/index" "$work/committed"
cp "$wheel" "$work/index/"
pip download -q --disable-pip-version-check --no-deps -d "$work/index" 'setuptools>=61'
git clone -q . "$work/hooks"
cp -r "$fixtures/clean/." "$work/committed/"
"$binary" -q -C "$work/committed" render
cat >"$work/committed/.pre-commit-config.yaml" <<END
repos:
  - repo: $work/hooks
    rev: $(git rev-parse HEAD)
    hooks: [{ id: composegen-render }, { id: composegen-check }]
END
(
    cd "$work/committed"
    git init -q
    git add -A
    export PIP_NO_INDEX=1 PIP_FIND_LINKS="$work/index" PRE_COMMIT_HOME="$work/pre-commit"
    pre-commit run --all-files >"$work/said" 2>&1 || { cat "$work/said" >&2; die "pre-commit finds something in a clean project"; }
    [ "$(grep -c Passed "$work/said")" = 2 ] || die "pre-commit did not run both hooks: $(cat "$work/said")"
    sed -i 's/channels: sandbox/channels: live/' environments/staging.yaml
    "$binary" -q render
    ! pre-commit run --all-files >"$work/said" 2>&1 || die "pre-commit finds no broken rule"
    grep -q live-upstream "$work/said" || die "pre-commit says: $(cat "$work/said")"
)
say "pre-commit: the hooks installed the wheel and found a broken rule"

# --- npm ---

if has npm; then
    case $(uname -m) in x86_64) cpu=x64 ;; aarch64) cpu=arm64 ;; *) die "no npm package for $(uname -m)" ;; esac
    rm -rf "$dist/npm"
    node packaging/npm/pack.mjs "$version" "$dist/npm" "linux-$cpu=$binary" >/dev/null
    # The packages of other systems are optional, and are in no registry yet.
    mkdir "$work/npm"
    npm install --silent --no-audit --no-fund --prefix "$work/npm" \
        "$dist/npm/composegen-linux-$cpu-$version.tgz" "$dist/npm/composegen-$version.tgz" >/dev/null
    try_it "npm package" "$work/npm/node_modules/.bin/composegen"
    (cd "$work/npm" && npx --no-install composegen --version >/dev/null) || die "npx does not find composegen"
else
    skip "npm is not installed"
fi

# --- Debian package, and the wheel, on a Debian 12 with nothing else ---

case $(uname -m) in x86_64) arch=amd64 ;; aarch64) arch=arm64 ;; *) arch=$(uname -m) ;; esac
rm -rf "$dist/deb"
packaging/deb/build.sh "$binary" "$arch" "$dist/deb" >/dev/null
packaging/deb/build.sh "$binary" "$arch" "$work/again" >/dev/null
deb=$(echo "$dist"/deb/*.deb)
cmp "$deb" "$work/again/${deb##*/}" || die "two Debian packages of one binary differ"

in_root() { chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 "$@"; }
if [ "$(id -u)" = 0 ] && has debootstrap; then
    base=$dist/bookworm
    if [ ! -e "$base/usr/bin/python3" ]; then
        # shellcheck disable=SC2016 # apt's placeholder
        mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Component: main' |
            grep -m 1 '/debian/*$' || echo http://deb.debian.org/debian)
        rm -rf --one-file-system "$base" "$base.half"
        debootstrap --variant=minbase --include=python3-venv,man-db,bash-completion bookworm "$base.half" "$mirror" \
            >"$work/debootstrap" || { tail -n 20 "$work/debootstrap" >&2; die "debootstrap"; }
        mv "$base.half" "$base"
    fi
    root=$work/root
    cp -a "$base" "$root"
    ! in_root sh -c 'command -v cargo rustc' || die "this Debian has Rust"
    cp "$deb" "$wheel" "$root/root/"
    mkdir -p "$root$fixtures"
    cp -r "$fixtures/sound" "$fixtures/hosts" "$root$fixtures/"

    in_root dpkg -i "/root/${deb##*/}" >"$work/dpkg" 2>&1 || { cat "$work/dpkg" >&2; die "dpkg"; }
    try_it "Debian package ${deb##*/}" in_root KIOSK_TAG=7.1 composegen
    in_root man -w composegen composegen-drift >/dev/null || die "the Debian package has no manual pages"
    in_root bash -c '. /usr/share/bash-completion/bash_completion; _completion_loader composegen; complete -p composegen' \
        >/dev/null || die "the Debian package has no completions"
    [ "$(in_root readlink -f /usr/libexec/docker/cli-plugins/docker-composegen)" = /usr/bin/composegen ] ||
        die "the Debian package has no plugin for docker"
    for unit in composegen-drift.service composegen-drift.timer composegen-watch.service; do
        ! grep -n /usr/local/ "$root/usr/lib/systemd/system/$unit" || die "$unit runs what the package does not have"
    done
    sed -n 's/^ExecStart=\([^ ]*\).*/\1/p' "$root"/usr/lib/systemd/system/composegen-* | while read -r program; do
        [ -x "$root$program" ] || die "the Debian package has no $program"
    done
    in_root dpkg -r composegen >/dev/null
    [ ! -e "$root/usr/bin/composegen" ] || die "dpkg -r leaves the binary"

    in_root python3 -m venv /root/venv
    in_root /root/venv/bin/pip install -q --no-index "/root/${wheel##*/}"
    try_it "wheel on Debian 12" in_root KIOSK_TAG=7.1 /root/venv/bin/composegen
else
    skip "root and debootstrap are needed for a bare Debian 12"
fi

# --- container ---

if [ -s target/engine/env ]; then
    docker() ( # the engine of the tests, and no other
        DOCKER_HOST=$(sed -n 's/^DOCKER_HOST=//p' target/engine/env)
        DOCKER_BUILDKIT=0
        export DOCKER_HOST DOCKER_BUILDKIT
        command docker "$@"
    )
    image=composegen-dist-check:$$
    mkdir "$work/image"
    cp "$binary" LICENSE-MIT LICENSE-APACHE packaging/container/Dockerfile "$work/image/"
    trap 'docker rmi -f "$image" >/dev/null 2>&1; rm -rf "$work"' EXIT
    docker build -q -t "$image" "$work/image" >/dev/null
    try_it "container" docker run --rm --network none -v "$fixtures:$fixtures:ro" -e KIOSK_TAG=7.1 "$image"
    user=$(docker inspect -f '{{.Config.User}}' "$image")
    [ "$user" = 65532:65532 ] || die "the container runs as $user"
else
    skip "the container needs the engine of the tests: make engine"
fi

(cd "$dist" && sha256sum wheels/*.whl npm/*.tgz deb/*.deb composegen.cyclonedx.json) >"$dist/SHA256SUMS" 2>/dev/null || :
say "everything was built, installed and run: $(wc -l <"$dist/SHA256SUMS") artefacts in target/dist"
