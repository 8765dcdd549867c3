#!/bin/sh
# Lays out what a system package and an archive hold besides each other: completions, manual pages, licences and the
# binary, as they are installed below /.
#
#   packaging/stage.sh BINARY DIR
set -eu

top=$(cd "$(dirname "$0")/.." && pwd)
binary=$1
to=$2

install -d "$to/usr/share/man/man1"
install -D -m 755 "$binary" "$to/usr/bin/composegen"

completions() { # completions SHELL FILE
    install -d "$to/usr/share/$(dirname "$2")"
    "$binary" completions "$1" >"$to/usr/share/$2"
}
completions bash bash-completion/completions/composegen
completions zsh zsh/vendor-completions/_composegen
# zsh loads this file as a function, at the first completion
# shellcheck disable=SC2016
echo '[[ $funcstack[1] = _composegen ]] && _clap_dynamic_completer_composegen "$@"' \
    >>"$to/usr/share/zsh/vendor-completions/_composegen"
completions fish fish/vendor_completions.d/composegen.fish

"$binary" man | gzip -9n >"$to/usr/share/man/man1/composegen.1.gz"
# the commands are those that its help lists
for command in $("$binary" --help | sed -n '/^Commands:/,/^$/s/^  \([a-z-][a-z-]*\) .*/\1/p' | grep -v '^help$'); do
    "$binary" man "$command" | gzip -9n >"$to/usr/share/man/man1/composegen-$command.1.gz"
done

install -D -m 644 -t "$to/usr/share/doc/composegen" \
    "$top/LICENSE-MIT" "$top/LICENSE-APACHE" "$top/README.md" "$top/CHANGELOG.md"
cat >"$to/usr/share/doc/composegen/copyright" <<'END'
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: composegen
Source: https://github.com/composegen/composegen

Files: *
Copyright: The composegen developers
License: MIT or Apache-2.0
 The texts are in /usr/share/doc/composegen/LICENSE-MIT and LICENSE-APACHE.
END
