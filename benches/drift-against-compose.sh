#!/bin/sh
# The time of `composegen drift` on the 17 services of vps.prod.yml, in turn with `docker compose ps` of
# the same project, one `curl` of the list of containers, and one `curl` of every request of drift on
# one connection, so that the ratios hold on a machine whose speed drifts. Needs `make engine` and
# Python; stubs stand in for the images. COMPOSEGEN names a binary that is built already.
#   benches/drift-against-compose.sh [ROUNDS [COMPOSEGEN_DOCKER_28]]
set -eu
cd "$(dirname "$0")/.."
[ -n "${COMPOSEGEN:-}" ] || cargo build --release --locked --quiet
exec target/tools/venv/bin/python - "$@" <<'PYTHON'
import json, os, statistics, subprocess, sys, tempfile, time

rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 20
settings = dict(line.strip().split("=", 1) for line in open("target/engine/env"))
settings["DOCKER_HOST"] = settings[sys.argv[2] if len(sys.argv) > 2 else "DOCKER_HOST"]
env = {**os.environ, **settings, "NATA_TAG": "1"}
binary = os.path.abspath(os.environ.get("COMPOSEGEN") or "target/release/composegen")

def run(command, **more):
    return subprocess.run(command, env=env, check=True, stdout=subprocess.PIPE, text=True, **more).stdout

with tempfile.TemporaryDirectory() as folder:
    source = ["docker", "compose", "-f", "generated/compose/vps.prod.yml"]
    config = json.loads(run([*source, "config", "--format", "json"]))
    config["name"] = "composegen-bench"
    for part in ("networks", "volumes"):
        for thing in config[part].values():
            thing.pop("name", None)
    secret = os.path.join(folder, "secret")
    open(secret, "w").write("for a bench")
    for name in config["secrets"]:
        config["secrets"][name] = {"file": secret}
    for service in config["services"].values():
        service |= {"image": "composegen-stub:latest", "entrypoint": ["/bin/sleep", "1000000"], "command": [],
                    "stop_grace_period": "0s", "healthcheck": {"test": ["CMD", "/bin/true"], "interval": "1s"}}
        service.pop("ports", None)
    file = os.path.join(folder, "compose.json")
    json.dump(config, open(file, "w"))
    compose = ["docker", "compose", "-f", file]
    socket = settings["DOCKER_HOST"].removeprefix("unix://")
    curl = ["curl", "-s", "--unix-socket", socket]
    listed = "http://engine/containers/json?all=1"
    commands = {
        "composegen drift": [binary, "drift", "--file", file, "--docker", settings["DOCKER_HOST"]],
        "docker compose ps": [*compose, "ps"],
        "curl of the list": [*curl, listed],
    }
    run([*compose, "up", "--detach", "--wait"], stderr=subprocess.DEVNULL)
    try:
        own = [one for one in json.loads(run([*curl, listed]))
               if one["Labels"].get("com.docker.compose.project") == config["name"]]
        inspects = [f"http://engine/containers/{one['Id']}/json" for one in own]
        inspects += sorted({f"http://engine/images/{one['ImageID']}/json" for one in own})
        others = ["networks", "volumes", "images/json", "version", "info"]
        commands["curl of the inspects"] = [*curl, *inspects]
        commands["curl of every request"] = [*curl, listed, *(f"http://engine/{path}" for path in others), *inspects]
        print(run(commands["composegen drift"]).splitlines()[-1])
        times = {name: [] for name in commands}
        for round in range(rounds + 1):
            for name, command in commands.items():
                start = time.perf_counter()
                run(command, stderr=subprocess.DEVNULL)
                if round:  # the first one warms the caches
                    times[name].append((time.perf_counter() - start) * 1000)
    finally:
        subprocess.run([*compose, "down", "--volumes", "--timeout", "0"], env=env, stderr=subprocess.DEVNULL)
    ours = times.pop("composegen drift")
    bound = [2 * one + all for one, all in zip(times["curl of the list"], times["curl of the inspects"])]
    times["twice the list and the inspects"] = bound
    print(f"composegen drift:   {statistics.median(ours):6.1f} ms (median of {rounds})")
    for name, theirs in times.items():
        ratio = statistics.median(a / b for a, b in zip(ours, theirs))
        print(f"{name}:  {statistics.median(theirs):6.1f} ms; ratio, pair by pair: {ratio:.3f}")
PYTHON
