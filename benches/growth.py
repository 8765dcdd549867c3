#!/usr/bin/env python3
"""Measures how processor time and memory grow with the input, in steps of ten, and prints a table in Markdown.

    benches/growth.py [PROGRAM]

Ten times as much should take at most eleven times as much; what takes more is marked, and is not an error, as the machine
may do something else.
"""

import contextlib
import functools
import json
import os
import re
import subprocess
import sys
import tempfile

import synthetic

ALLOWED = 11
ROUNDS = 3
SERVICES = (100, 1_000, 10_000)
HOSTS = (10, 100, 1_000)
CONTAINERS = (100, 1_000, 10_000)


# The memory of a process counts from before it begins, so a small one has to start it.
START = """
import json, os, sys
if (pid := os.fork()) == 0:
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1), os.dup2(null, 2)
    os.execv(sys.argv[1], sys.argv[1:])
_, status, used = os.wait4(pid, 0)
print(json.dumps([os.waitstatus_to_exitcode(status), used.ru_utime + used.ru_stime, used.ru_maxrss]))
"""


def measure(command):
    """The processor time in milliseconds, the least of some rounds, and the memory in MiB."""
    times = []
    for _ in range(ROUNDS):
        run = subprocess.run([sys.executable, "-IS", "-c", START, *command], check=True, capture_output=True)
        code, seconds, kibibytes = json.loads(run.stdout)
        if code not in (0, 1):
            sys.exit(f"`{' '.join(command)}` ended with {code}")
        times.append(seconds * 1000)
    return min(times), kibibytes / 1024


def row(name, sizes, command):
    """Measures a command, given how it is called for a size."""
    cells, before = [], None
    for size in sizes:
        time, memory = measure(command(size))
        cell = f"{time:,.0f} ms, {memory:,.0f} MiB"
        if before:
            factors = time / before[0], memory / before[1]
            cell += f" (× {factors[0]:.1f}, × {factors[1]:.1f}){' **!**' if max(factors) > ALLOWED else ''}"
        cells.append(cell)
        before = time, memory
    print(f"| {name} | {' | '.join(cells)} |", flush=True)


def table(what, sizes):
    print(f"\n| {what} | {' | '.join(f'{size:,}' for size in sizes)} |\n|---|{'---|' * len(sizes)}", flush=True)


def main():
    os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
    program = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else "target/release/composegen")
    with tempfile.TemporaryDirectory() as folder:
        path = functools.partial(os.path.join, folder)

        @functools.cache
        def files(services):
            """A Compose file, one of which each service differs from what runs, and what runs."""
            os.mkdir(path(str(services)))
            own = functools.partial(path, str(services))
            text = synthetic.compose(services)
            other = re.sub(r"restart: .*", "restart: always", text)
            return (
                synthetic.write(own("compose.yml"), text),
                synthetic.write(own("other.yml"), other),
                synthetic.snapshot(program, path(str(services)), services),
            )

        def of_file(*words):
            return lambda services: [program, *words, "-f", files(services)[0]]

        def of_live(word, file):
            as_created = ["--project-directory", "/srv/kiosk"]
            return lambda services: [
                program, word, "-f", files(services)[file], *as_created, "--snapshot", files(services)[2],
            ]

        table("Services in a file", SERVICES)
        row("`state -f`", SERVICES, of_file("state"))
        row("`check -f`", SERVICES, of_file("check"))
        row("`graph -f`", SERVICES, of_file("graph"))
        row("`drift -f`, in sync", SERVICES, of_live("drift", 0))
        row("`drift -f`, two of three services differ", SERVICES, of_live("drift", 1))
        row("`plan -f`, in sync", SERVICES, of_live("plan", 0))
        row("`plan -f`, two of three services differ", SERVICES, of_live("plan", 1))

        @functools.cache
        def project(hosts):
            made = synthetic.project(path(f"hosts-{hosts}"), hosts)
            subprocess.run([program, "-C", made, "render", "--quiet"], check=True, stdout=subprocess.DEVNULL)
            return made

        def of_project(*words):
            return lambda hosts: [program, "-C", project(hosts), *words]

        table("Hosts in a project, of three services each", HOSTS)
        row("`render --check`", HOSTS, of_project("render", "--check"))
        row("`check`", HOSTS, of_project("check"))
        row("`graph`", HOSTS, of_project("graph"))
        row("`catalog`", HOSTS, of_project("catalog"))
        row("`report`", HOSTS, of_project("report", "-o", path("report")))

        @functools.cache
        def engine(containers):
            answers = synthetic.engine(containers)
            return stack.enter_context(synthetic.serve(answers, path(f"engine-{containers}")))

        def of_engine(word):
            as_created = ["--project-directory", "/srv/kiosk"]
            return lambda services: [program, word, "-f", files(services)[0], *as_created, "--docker", engine(services)]

        with contextlib.ExitStack() as stack:
            table("Containers on an engine that answers from a file", CONTAINERS)
            row("`drift -f`, all of them of the project", CONTAINERS, of_engine("drift"))


if __name__ == "__main__":
    main()
