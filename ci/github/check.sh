#!/usr/bin/env bash
# Checks the generated files and the rules; findings are annotations, and in $SARIF.
set -euo pipefail

# The arguments are those of a command line, without anything that a shell would run.
read -r -a arguments <<<"${ARGUMENTS:-}"
status=0
worse() { if [ "$1" -gt "$status" ]; then status=$1; fi; }

has_specs=false
if [ -d environments ]; then has_specs=true; fi
if [ "$RENDER" = true ] || { [ "$RENDER" = auto ] && [ $has_specs = true ]; }; then
    composegen render --check --format github || worse $?
fi
if [ -n "${SARIF:-}" ]; then
    # An empty file is not a report: code scanning would refuse it.
    composegen check ${arguments[@]+"${arguments[@]}"} --format sarif >"$SARIF" || true
    if [ ! -s "$SARIF" ]; then rm -f "$SARIF"; fi
fi
composegen check ${arguments[@]+"${arguments[@]}"} --format github || worse $?

if [ "$status" = 1 ]; then findings=true; else findings=false; fi
echo "findings=$findings" >>"$GITHUB_OUTPUT"
exit "$status"
