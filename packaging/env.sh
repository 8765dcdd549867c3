# shellcheck shell=sh
# Sourced at the top of the checkout, with $target: what makes a build the same in every folder and on every machine.

here=$(pwd -P)
cargo_home=${CARGO_HOME:-$HOME/.cargo}

RUSTFLAGS="--remap-path-prefix=$cargo_home/registry/src=/cargo --remap-path-prefix=$here=/composegen ${RUSTFLAGS:-}"
# A CFLAGS that is set replaces that of .cargo/config.toml, so it needs the same flags.
flags=$(sed -n 's/^CFLAGS = "\(.*\)"$/\1/p' .cargo/config.toml)
CFLAGS="${flags:?not found in .cargo/config.toml} -ffile-prefix-map=$cargo_home/registry/src=/cargo ${CFLAGS:-}"
export RUSTFLAGS CFLAGS
# What C code says of the time of its build (`__DATE__`) is that of the commit.
epoch=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || :)}
[ -z "$epoch" ] || export SOURCE_DATE_EPOCH="$epoch"
case ${target:?} in
"$(uname -m)"-unknown-linux-musl)
    # A program at a fixed address needs no relocations when it starts.
    RUSTFLAGS="-C relocation-model=static $RUSTFLAGS"
    # of Debian's musl-tools
    compiler=CC_$(echo "$target" | tr - _)
    export "$compiler=${CC:-musl-gcc}"
    ;;
esac
