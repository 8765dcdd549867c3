#!/bin/sh
# The time of a cold `composegen render` of everything against one `docker compose config -q` of
# one of its files, pair by pair, so that the ratio holds on a machine whose speed drifts.
# Needs `make engine` (for Compose) and Python; prints the two medians and the median ratio.
set -eu
cd "$(dirname "$0")/.."
cargo build --release --locked --quiet
exec target/tools/venv/bin/python - "$@" <<'PYTHON'
import os, shutil, statistics, subprocess, sys, tempfile, time

rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 20
settings = dict(line.strip().split("=", 1) for line in open("target/engine/env"))
env = {**os.environ, **settings, "NATA_TAG": "1"}
binary = os.path.abspath("target/release/composegen")
compose = ["docker", "compose", "-f", "generated/compose/vps.prod.yml", "config", "-q"]

def timed(command, cwd="."):
    start = time.perf_counter()
    subprocess.run(command, cwd=cwd, env=env, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return (time.perf_counter() - start) * 1000

ours, theirs = [], []
for round in range(rounds + 1):
    with tempfile.TemporaryDirectory() as project:
        for part in ("environments", "templates"):
            shutil.copytree(part, os.path.join(project, part))
        os.sync()  # or the first fsync of the render would write this copy to the disk
        a = timed([binary, "render", "-q"], project)
    b = timed(compose)
    if round:  # the first pair warms the caches
        ours.append(a)
        theirs.append(b)
ratio = statistics.median(a / b for a, b in zip(ours, theirs))
print(f"composegen render of everything: {statistics.median(ours):6.1f} ms (median of {rounds})")
print(f"docker compose config -q of one: {statistics.median(theirs):6.1f} ms")
print(f"ratio, pair by pair:             {ratio:6.3f}")
PYTHON
