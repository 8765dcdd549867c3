#!/bin/sh
# Builds the binary that all packages hold, and prints its path. The same commit gives the same bytes in every folder:
# no path of this machine is left in it.
#
#   packaging/build.sh [TARGET [PROFILE]]
#
# On Linux the binary is static (musl), so it runs on every distribution and in an empty container.
set -eu

cd "$(dirname "$0")/.."
target=${1:-$(uname -m)-unknown-linux-musl}
profile=${2:-release}
. packaging/env.sh

cargo build --locked --bin composegen --target "$target" --profile "$profile" >&2
echo "${CARGO_TARGET_DIR:-target}/$target/$profile/composegen"
