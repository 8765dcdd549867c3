# shellcheck shell=sh
# shellcheck disable=SC2154 # engine.sh and images.sh set what is not set here
# Sourced: the layers of the real images, from Debian's packages. A layer is unpacked (`dpkg -x`), not installed: no script
# of a package runs, so no root filesystem is entered and the same packages give the same files. What those scripts would
# do and an image needs (users, folders) is in its Dockerfile.

# shellcheck disable=SC2016 # it is apt-get that expands it
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Component: main' |
    grep -m 1 '/debian/*$' || echo http://deb.debian.org/debian)

# By sources and a state of its own, in which nothing is installed: the system's apt does not learn of other releases.
debian() { # debian SUITE PROGRAM ARGUMENT...
    state=$work/apt/$1
    program=$2
    shift 2
    "$program" -qq -o Dir::Etc::SourceList="$state/sources.list" -o Dir::Etc::SourceParts=/dev/null \
        -o Dir::State::Lists="$state/lists" -o Dir::State::status="$state/status" -o Dir::Cache="$state/cache" \
        -o Acquire::Languages=none -o APT::Sandbox::User=root -o APT::Install-Recommends=false "$@"
}

add_suite() { # add_suite SUITE
    [ ! -e "$work/apt/$1/updated" ] || [ -n "$(find "$work/apt/$1/updated" -mtime +0)" ] || return 0
    mkdir -p "$work/apt/$1/lists/partial" "$work/apt/$1/cache/archives/partial"
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $1 main" >"$work/apt/$1/sources.list"
    : >"$work/apt/$1/status"
    debian "$1" apt-get update || die "no package lists of Debian $1 from $mirror"
    touch "$work/apt/$1/updated"
}

# What a package needs, the package too: "name_version", one a line.
with_dependencies() { # with_dependencies SUITE PACKAGE...
    suite=$1
    shift
    debian "$suite" apt-get -s install "$@" | sed -n 's/^Inst \([^ ]*\) (\([^ ]*\) .*/\1_\2/p' | sort
}

# begin LAYER ARGUMENT...: sets $layer; fails if it is there already, of the same arguments
begin() {
    layer=$work/layers/$1
    if [ "$(cat "$layer.done" 2>/dev/null)" = "$*" ]; then return 1; fi
    rm -rf "$layer" "$layer.done"
    mkdir -p "$layer"
}

end() { echo "$*" >"$layer.done"; } # end LAYER ARGUMENT...

# unpack LAYER SUITE PACKAGE...: the packages and what they need, but for what is in the layer `base`.
unpack() {
    begin "$@" || return 0
    unpack_all "$@"
    end "$@"
}

unpack_all() {
    suite=$2
    shift 2
    with_dependencies "$suite" "$@" >"$layer.list"
    [ -s "$layer.list" ] || die "Debian $suite does not have all of: $*"
    debian "$suite" apt-get -y --download-only install "$@" >/dev/null || die "could not fetch $*"
    unpack_listed "$suite"
}

# unpack_alone LAYER SUITE PACKAGE...: programs that need no more than the layer `base`, from another Debian.
unpack_alone() {
    begin "$@" || return 0
    unpack_only "$@"
    end "$@"
}

unpack_only() {
    suite=$2
    shift 2
    (cd "$work/apt/$suite/cache/archives" && debian "$suite" apt-get download "$@") || die "could not fetch $*"
    for package in "$@"; do
        # shellcheck disable=SC2012 # apt-get gives the files plain names
        ls "$work/apt/$suite/cache/archives" | sed -n "s/^\(${package}_[^_]*\)_.*/\1/p"
    done | sed 's/%3a/:/' >"$layer.list"
    unpack_listed "$suite"
}

unpack_listed() { # unpack_listed SUITE, with $layer
    # the links of a merged /usr are those of the layer `base`, or dpkg would make folders in their place
    mkdir -p "$layer/usr"
    for folder in bin lib lib64 sbin; do
        mkdir -p "$layer/usr/$folder"
        ln -s "usr/$folder" "$layer/$folder"
    done
    while read -r package; do
        [ "$layer" = "$work/layers/base" ] || ! grep -qxF "$package" "$work/layers/base.list" || continue
        for file in "$work/apt/$1/cache/archives/$(echo "$package" | sed 's/:/%3a/')"_*.deb; do
            dpkg -x "$file" "$layer" || die "cannot unpack $file"
        done
    done <"$layer.list"
    [ "$layer" = "$work/layers/base" ] || rm "$layer/bin" "$layer/lib" "$layer/lib64" "$layer/sbin"
    rm -rf "$layer/usr/share/doc" "$layer/usr/share/man" "$layer/usr/share/locale" "$layer/usr/share/info" \
        "$layer/usr/share/lintian" "$layer/usr/share/bash-completion" "$layer/usr/lib/systemd" "$layer/etc/systemd"
}
