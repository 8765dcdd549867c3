# shellcheck shell=sh
# Sourced by engine.sh: the images that the tests run. No registry is asked, they are made from what the machine has.

images='composegen-stub:latest composegen-stub:moved'
case ${COMPOSEGEN_ENGINES:-} in
swarm*) ;;
*) images="$images composegen-node:latest" ;;
esac

# The folder $root of a system with busybox: a link for each applet, in all usual places.
make_root() {
    root=$(mktemp -d "$engine/image.XXXXXX")
    chmod 755 "$root" # becomes /, which users other than root must be able to enter
    mkdir -p "$root/bin" "$root/etc" "$root/usr" "$root/root" "$root/home/node"
    mkdir -m 1777 "$root/tmp"
    ln -s bin "$root/sbin"
    ln -s ../bin ../sbin "$root/usr/"
    cp "$(command -v busybox)" "$root/bin/busybox"
    (cd "$root/bin" && busybox --list | grep -vx busybox | xargs -n 1 ln -s busybox)
    printf 'root:x:0:0:root:/root:/bin/sh\nnode:x:1000:1000:node:/home/node:/bin/sh\n' >"$root/etc/passwd"
    printf 'root:x:0:\nnode:x:1000:\n' >"$root/etc/group"
    chown 1000:1000 "$root/home/node"
}

import_root() { # import_root IMAGE [OPTION...]
    image=$1
    shift
    tar -C "$root" -c . |
        client "$first" import -c 'ENV PATH=/usr/bin:/bin' -c 'CMD ["sleep","1000000"]' "$@" - "$image" >/dev/null
    rm -rf "$root"
}

present() { # present ENGINE IMAGE...
    name=$1
    shift
    client "$name" image inspect "$@" >/dev/null 2>&1
}

make_images() {
    if ! present "$first" composegen-stub:latest; then
        make_root
        import_root composegen-stub:latest
    fi
    if ! present "$first" composegen-stub:moved; then # the same with another ID, for tests in which a tag moves
        make_root
        import_root composegen-stub:moved -c 'LABEL v=2'
    fi
    case $images in
    *composegen-node*) make_node_image ;;
    esac
}

make_node_image() {
    if ! present "$first" composegen-node:latest; then
        make_root
        node=$tools/bin/node
        cp "$node" "$root/bin/node"
        # "name => /path (address)" and, for the loader, "/path (address)"
        for library in $(ldd "$node" | grep -o '/[^ ]* (' | tr -d '( '); do
            mkdir -p "$root/${library%/*}"
            cp "$library" "$root/$library"
        done
        import_root composegen-node:latest
    fi
}

# shellcheck disable=SC2086 # a list
load_images() { # load_images ENGINE: from the first one
    if ! present "$1" $images; then
        client "$first" save $images | client "$1" load >/dev/null
        present "$1" $images || die "$1 could not load $images"
    fi
}
