#!/bin/sh
# The time of `composegen check -f` of a file with 17 services, and of `composegen check` of everything, against dclint and
# compose-lint on the same file, in turn, so that the ratios hold on a machine whose speed drifts.
# Needs `make engine` (for the linters) and Python; prints medians and the median ratios.
set -eu
cd "$(dirname "$0")/.."
cargo build --release --locked --quiet
exec target/tools/venv/bin/python - "$@" <<'PYTHON'
import os, statistics, subprocess, sys, time

rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 20
file = "generated/compose/vps.prod.yml"
binary = os.path.abspath("target/release/composegen")
tools = os.path.abspath("target/tools/bin")
env = {**os.environ, "PATH": tools + ":" + os.environ["PATH"]}
commands = {
    "composegen check -f": [binary, "check", "-f", file],
    "composegen check": [binary, "check"],
    "dclint": [tools + "/dclint", file],
    "compose-lint": [tools + "/compose-lint", file],
}

def timed(command):
    start = time.perf_counter()
    ran = subprocess.run(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    if ran.returncode > 1:
        sys.exit(f"{command[0]} ended with {ran.returncode}")
    return (time.perf_counter() - start) * 1000

times = {name: [] for name in commands}
for round in range(rounds + 1):
    for name, command in commands.items():
        took = timed(command)
        if round:  # the first round warms the caches
            times[name].append(took)
for name, took in times.items():
    print(f"{name + ':':22}{statistics.median(took):7.1f} ms (median of {rounds})")
for ours in list(commands)[:2]:
    for theirs in list(commands)[2:]:
        ratio = statistics.median(b / a for a, b in zip(times[ours], times[theirs]))
        print(f"{theirs} takes {ratio:5.1f} times as long as {ours}")
PYTHON
