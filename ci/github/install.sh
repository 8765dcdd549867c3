#!/usr/bin/env bash
# Installs composegen from PyPI, into a virtual environment of its own: the version of the action, or $VERSION.
set -euo pipefail

venv=$RUNNER_TEMP/composegen
python3 -m venv "$venv"
bin=$venv/bin
if [ -d "$venv/Scripts" ]; then bin=$venv/Scripts; fi
if [ -n "${VERSION:-}" ]; then
    "$bin/python" -m pip install --quiet --disable-pip-version-check "composegen==$VERSION"
else
    # the package of the hooks depends on the version that this commit belongs to
    "$bin/python" -m pip install --quiet --disable-pip-version-check "$ACTION"
fi
echo "$bin" >>"$GITHUB_PATH"
"$bin/composegen" --version
