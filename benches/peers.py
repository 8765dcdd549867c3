#!/usr/bin/env python3
"""Times whole processes side by side with what people use instead, and writes the tables of docs/performance.md.

    make bench-peers            needs the engines (make engine); Ansible and jinja2 go into target/peers
    benches/peers.py [RUNS]     of each program, 10 without it; Ansible, which takes longest, runs once

COMPOSEGEN names a binary that is built already. Each table is made in one run, on the same files or the same 17 containers.
"""

import contextlib
import json
import os
import pathlib
import re
import resource
import subprocess
import sys
import tempfile
import time

import synthetic

TOP = pathlib.Path(__file__).resolve().parent.parent
PAGE = TOP / "docs/performance.md"
OURS = os.environ.get("COMPOSEGEN") or str(TOP / "target/release/composegen")
FILE = "generated/compose/vps.prod.yml"
RUNS = int(sys.argv[1]) if len(sys.argv) > 1 else 10
TOOLS = TOP / "target/tools/bin"
PEERS = TOP / "target/peers/bin"
PROJECT = "composegen-peers"

# One attribute of each of the 17 services, as somebody changes it by hand. None removes the field.
CHANGES = [
    {"mem_limit": "300m"}, {"cpus": 0.7}, {"pids_limit": 77}, {"restart": "always"}, {"user": "1234"},
    {"cap_add": ["SYS_TIME"]}, {"privileged": True}, {"ulimits": {"nofile": 500}}, {"environment": {"DEBUG": "1"}},
    {"ports": ["127.0.0.1:18080:80"]}, {"volumes": ["/tmp:/host"]}, {"command": ["1000001"]}, {"hostname": "other"},
    {"extra_hosts": ["evil.test:10.9.9.9"]}, {"dns": ["9.9.9.9"]}, {"image": "composegen-stub:moved"},
    {"healthcheck": {"test": ["CMD", "/bin/true"], "interval": "7s"}},
]


def settings():
    """The engines of the tests."""
    lines = (TOP / "target/engine/env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines)


ENV = {**os.environ, **settings(), "NATA_TAG": "1", "NO_COLOR": "1", "ANSIBLE_LOCALHOST_WARNING": "False"}
ENV["DOCKER_HOST"] = ENV["COMPOSEGEN_DOCKER_28"]
ENV["PATH"] = f"{PEERS}:{TOOLS}:{ENV['PATH']}"


def run(*command, **more):
    return subprocess.run(command, env=ENV, check=True, capture_output=True, text=True, cwd=TOP, **more).stdout


def times(commands):
    """The median and the processor time of commands in milliseconds, by their names."""
    with tempfile.NamedTemporaryFile() as out:
        words = ["hyperfine", "--shell=none", "--ignore-failure", "--style=none", "--warmup=1", f"--runs={RUNS}"]
        run(*words, f"--export-json={out.name}", *commands.values())
        results = json.load(out)["results"]
    return {name: (it["median"] * 1000, (it["user"] + it["system"]) * 1000) for name, it in zip(commands, results)}


def stubs(folder):
    """The Compose file with stubs for images, as data: what runs costs nothing, and has every other setting."""
    config = json.loads(run("docker", "compose", "-f", FILE, "config", "--format", "json"))
    config["name"] = PROJECT
    for part in ("networks", "volumes"):
        for thing in config[part].values():
            thing.pop("name", None)
    secret = folder / "secret"
    secret.write_text("of a bench")
    config["secrets"] = {name: {"file": str(secret)} for name in config["secrets"]}
    for service in config["services"].values():
        service |= {"image": "composegen-stub:latest", "entrypoint": ["/bin/sleep"], "command": ["1000000"]}
        # Once the containers are healthy, their checks take nothing from what is measured.
        check = {"test": ["CMD", "/bin/true"], "interval": "1h", "start_period": "1m", "start_interval": "1s"}
        service |= {"stop_grace_period": "0s", "healthcheck": check}
        service.pop("ports", None)
    return config


def saved(path, data):
    path.write_text(json.dumps(data))
    return path


@contextlib.contextmanager
def running(file):
    """The containers of a file, as long as the context lasts."""
    compose = ["docker", "compose", "-f", str(file)]
    try:
        run(*compose, "up", "--detach", "--wait")
        yield compose
    finally:
        subprocess.run([*compose, "down", "--volumes", "--timeout=0"], env=ENV, capture_output=True)


def playbook(config):
    """All of a Compose file that Ansible's module for containers has an option for."""
    tasks = []
    for name, service in config["services"].items():
        limits = service.get("deploy", {}).get("resources", {}).get("limits", {})
        mounts = [
            f"{it['source'] if it['type'] == 'bind' else PROJECT + '_' + it['source']}:{it['target']}:{'ro' if it.get('read_only') else 'rw'}"
            for it in service.get("volumes", []) if it["type"] in ("bind", "volume")
        ]
        secrets = [
            {"type": "bind", "source": config["secrets"][it["source"]]["file"], "target": f"/run/secrets/{it['source']}", "read_only": True}
            for it in service.get("secrets", [])
        ]
        health = service["healthcheck"]
        options = {
            "name": f"{PROJECT}-{name}-1", "image": service["image"], "pull": "never", "state": "present",
            "entrypoint": service["entrypoint"], "command": service["command"], "command_handling": "correct",
            "env": {key: str(value) for key, value in service.get("environment", {}).items()},
            "labels": service.get("labels", {}), "volumes": mounts, "mounts": secrets or None, "restart_policy": service.get("restart", "no"),
            "networks": [{"name": f"{PROJECT}_{network}"} for network in service.get("networks", {})],
            "memory": limits.get("memory"), "cpus": limits.get("cpus"), "pids_limit": limits.get("pids"),
            "user": service.get("user"), "capabilities": [f"CAP_{it}" for it in service.get("cap_add", [])], "cap_drop": service.get("cap_drop"),
            "security_opts": service.get("security_opt"), "init": service.get("init"), "tmpfs": service.get("tmpfs"),
            "read_only": service.get("read_only", False), "privileged": service.get("privileged", False),
            "log_driver": service.get("logging", {}).get("driver"), "log_options": service.get("logging", {}).get("options"),
            "etc_hosts": dict(it.split("=", 1) for it in service.get("extra_hosts", [])) or None,
            "healthcheck": health,
            "comparisons": {"*": "strict", "labels": "allow_more_present"},
        }
        options = {key: value for key, value in options.items() if value is not None}
        tasks.append({"name": name, "community.docker.docker_container": options})
    python = {"ansible_python_interpreter": str(PEERS / "python")}
    return [
        {"hosts": "localhost", "connection": "local", "gather_facts": False, "ignore_errors": True, "vars": python, "tasks": tasks}
    ]


def ansible(play):
    """The names of services for which Ansible would change something or fails."""
    words = ["ansible-playbook", "--check", "--diff", "--inventory=localhost,", str(play)]
    env = {**ENV, "ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json"}
    done = subprocess.run(words, env=env, capture_output=True, text=True, cwd=TOP)
    tasks = json.loads(done.stdout[done.stdout.index("{"):])["plays"][0]["tasks"]
    results = {it["task"]["name"]: it["hosts"]["localhost"] for it in tasks}
    return {name for name, result in results.items() if result.get("changed") or result.get("failed")}


def table(figures):
    """A table of times, each with how often the first one fits into it."""
    (first, first_used), *_ = figures.values()
    lines = ["| Program | Median | Ratio | Processor time | Ratio |", "|---|---:|---:|---:|---:|"]
    for name, (took, used) in figures.items():
        lines.append(f"| {name} | {took:,.1f} ms | {took / first:,.2f} | {used:,.1f} ms | {used / first_used:,.2f} |")
    return "\n".join(lines)


def rendering():
    commands = {
        "`composegen render --check` of all hosts": f"{OURS} render --check",
        "`composegen check` of all hosts": f"{OURS} check",
        "`docker compose config -q` of one file": f"docker compose -f {FILE} config -q",
        "`jinja2` of one file that is its own template": f"jinja2 {FILE}",
        "`composegen --version`": f"{OURS} --version",
        "`docker compose version`": "docker compose version",
    }
    return times(commands)


def linting():
    commands = {
        "`composegen check -f`": f"{OURS} check -f {FILE}",
        "dclint": f"dclint {FILE}",
        "compose-lint": f"compose-lint {FILE}",
        "check-jsonschema, Compose's schema": f"check-jsonschema --schemafile tests/fixtures/compose/schema.json {FILE}",
    }
    return times(commands)


def large(folder):
    file = synthetic.write(str(folder / "large.yml"), synthetic.compose(1000))
    commands = {
        "`composegen state -f`": f"{OURS} state -f {file}",
        "`composegen check -f`": f"{OURS} check -f {file}",
        "`docker compose config -q`": f"docker compose -f {file} config -q",
    }
    return times(commands)


def live(file, play):
    socket = ENV["DOCKER_HOST"].removeprefix("unix://")
    curl = f"curl -s --unix-socket {socket}"
    listed = json.loads(run(*curl.split(), "http://engine/containers/json?all=1"))
    own = [it for it in listed if it["Labels"].get("com.docker.compose.project") == PROJECT]
    paths = ["info", "containers/json?all=1", "networks", "volumes", "images/json"]
    paths += [f"containers/{it['Id']}/json" for it in own] + sorted({f"images/{it['ImageID']}/json" for it in own})
    services = json.loads(pathlib.Path(file).read_text())["services"]
    for it in own:
        configs = services[it["Labels"]["com.docker.compose.service"]].get("configs", [])
        paths += [f"containers/{it['Id']}/archive?path={config['target']}" for config in configs]
    commands = {
        "`composegen drift -f`": f"{OURS} drift -f {file}",
        "`composegen plan -f`": f"{OURS} plan -f {file}",
        "curl, the same requests on one connection": f"{curl} {' '.join(f'http://engine/{path}' for path in paths)}",
        "`docker compose ps`": f"docker compose -f {file} ps",
        "`docker compose up --dry-run`": f"docker compose -f {file} up --detach --dry-run",
        "`docker inspect $(docker ps -aq)`": "sh -c 'docker inspect $(docker ps -aq)'",
    }
    figures = times(commands)
    start, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    if false := ansible(play):
        sys.exit(f"Ansible finds changes where there are none: {false}")
    after, took = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter() - start
    used = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return figures | {"`ansible-playbook --check --diff`, once": (took * 1000, used * 1000)}


def changed(folder, config, file, play):
    """How many of the services that were changed by hand each finds."""
    other = json.loads(json.dumps(config))
    for change, service in zip(CHANGES, other["services"].values()):
        if change.keys() & {"mem_limit", "cpus", "pids_limit"}:
            service.pop("deploy", None)
        service |= change
    run("docker", "compose", "-f", str(saved(folder / "other.json", other)), "up", "--detach")
    drift = subprocess.run([OURS, "drift", "-f", str(file), "--format", "json"], env=ENV, capture_output=True, text=True)
    findings = json.loads(drift.stdout)["hosts"][0]["findings"]
    found = {
        "`composegen drift -f`": {it["resource"] for it in findings} & config["services"].keys(),
        "`ansible-playbook --check --diff`": ansible(play),
    }
    every = [next(iter(change)) for change in CHANGES]
    lines = ["| Program | Found | Not found |", "|---|---:|---|"]
    for name, services in found.items():
        missed = [field for field, service in zip(every, config["services"]) if service not in services]
        lines.append(f"| {name} | {len(services)} of {len(every)} | {', '.join(f'`{field}`' for field in missed)} |")
    return "\n".join(lines)


def versions():
    ansible = run("ansible", "--version").splitlines()[0]
    return [
        run(OURS, "--version").strip(),
        f"Docker Compose {run('docker', 'compose', 'version', '--short').strip()}",
        f"Docker {run('docker', 'version', '--format', '{{.Server.Version}}').strip()}",
        f"dclint {run('dclint', '--version').split()[-1]}",
        run("compose-lint", "--version").strip(),
        run("check-jsonschema", "--version").strip().replace(", version", ""),
        re.sub(r"ansible \[core (.*)\]", r"ansible-core \1", ansible),
        f"Jinja {run(PEERS / 'python', '-c', 'import jinja2; print(jinja2.__version__)').strip()}",
        run("hyperfine", "--version").strip(),
    ]


def put(part, text):
    """Puts a part of the page into its place."""
    around = rf"(?s)(<!-- {part} -->\n).*?(<!-- / -->)"
    page, found = re.subn(around, lambda ends: f"{ends[1]}\n{text}\n\n{ends[2]}", PAGE.read_text())
    assert found == 1, f"{PAGE} has no place for {part}"
    PAGE.write_text(page)


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        config = stubs(folder)
        file, play = saved(folder / "compose.json", config), saved(folder / "play.json", playbook(config))
        put("versions", ", ".join(versions()))
        put("render", table(rendering()))
        put("check", table(linting()))
        put("large", table(large(folder)))
        with running(file):
            put("live", table(live(file, play)))
            put("changed", changed(folder, config, file, play))


if __name__ == "__main__":
    main()
