#!/bin/sh
# The time of a cold `composegen state` of a file with 1,000 services against one `docker compose
# config -q` of it, pair by pair, so that the ratio holds on a machine whose speed drifts.
# Needs tests/tools/setup.sh (for Compose) and Python; prints the two medians and the median ratio.
set -eu
cd "$(dirname "$0")/.."
cargo build --release --locked --quiet
exec target/tools/venv/bin/python - "$@" <<'PYTHON'
import os, statistics, subprocess, sys, tempfile, time

rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 10
lines = ["name: big", "services:"]
for n in range(1000):
    lines += [
        f"  s{n}:", f"    image: registry.example/app{n}:1.0", f'    command: [run, --number, "{n}"]',
        f"    environment: {{NUMBER: '{n}', LEVEL: '${{LEVEL:-info}}'}}", f'    ports: ["127.0.0.1:{10000 + n}:80"]',
        f'    volumes: ["data{n % 10}:/data", "./conf:/conf:ro"]', "    networks: [back]",
        '    healthcheck: {test: [CMD, "true"], interval: 10s}',
    ]
    if n:
        lines.append(f"    depends_on: {{s{n - 1}: {{condition: service_started}}}}")
lines += ["networks: {back: {}}", "volumes:"] + [f"  data{n}: {{}}" for n in range(10)]

def timed(command):
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return (time.perf_counter() - start) * 1000

with tempfile.TemporaryDirectory() as folder:
    file = os.path.join(folder, "compose.yml")
    with open(file, "w") as out:
        out.write("\n".join(lines) + "\n")
    ours, theirs = [], []
    for round in range(rounds + 1):
        a = timed(["target/release/composegen", "state", "-f", file])
        b = timed(["target/tools/docker-config/cli-plugins/docker-compose", "-f", file, "config", "-q"])
        if round:  # the first pair warms the caches
            ours.append(a)
            theirs.append(b)
ratio = statistics.median(a / b for a, b in zip(ours, theirs))
print(f"composegen state, 1000 services:  {statistics.median(ours):7.1f} ms (median of {rounds})")
print(f"docker compose config -q:         {statistics.median(theirs):7.1f} ms")
print(f"ratio, pair by pair:              {ratio:7.3f}")
PYTHON
