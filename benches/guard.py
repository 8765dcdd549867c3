#!/usr/bin/env python3
"""Counts the instructions of commands with callgrind and compares them with benches/instructions.tsv.

Exits with 1 where a command takes more than 5 % more than the baseline, and names the functions that grew most.
Unlike time, instructions do not depend on what else the machine does: in three runs they differ by 0.01 %.
`--update` writes the baseline.
"""

import collections
import os
import re
import subprocess
import sys
import tempfile

import synthetic

ALLOWED = 1.05
# Functions below this part of a command are not listed in the baseline.
LISTED = 0.005
BASELINE = "benches/instructions.tsv"
TOTAL = "(all)"
SERVICES = 100
SOUND = ["-C", "tests/fixtures/sound"]
SNAPSHOT = ["--host", "web", "--snapshot", "tests/fixtures/hosts/web.json"]


def commands(program, folder):
    """The arguments of each command by its name. Generated inputs are written into a folder."""
    compose = synthetic.write(os.path.join(folder, "compose.yml"), synthetic.compose(SERVICES))
    snapshot = synthetic.snapshot(program, folder, SERVICES)
    return {
        "version": ["--version"],
        "render": ["render", "--check"],
        "render-sound": [*SOUND, "render", "--check"],
        "check": ["check"],
        "check-file": ["check", "-f", "generated/compose/vps.prod.yml"],
        "state": ["state", "-f", compose],
        "drift": ["drift", "-f", compose, "--snapshot", snapshot],
        "drift-sound": [*SOUND, "drift", *SNAPSHOT],
        "plan-sound": [*SOUND, "plan", *SNAPSHOT],
    }


def version(program):
    return subprocess.run([program, "--version"], check=True, capture_output=True, text=True).stdout.split("\n")[0]


def build():
    """The program with names of functions, and with system calls through libc: valgrind has no vDSO."""
    flags = [os.environ.get("RUSTFLAGS", ""), "--cfg rustix_use_libc"]
    build = ["cargo", "build", "--locked", "--profile", "counted", "--target-dir", "target/counted", "--quiet"]
    subprocess.run(build, check=True, env={**os.environ, "RUSTFLAGS": " ".join(flags)})
    return "target/counted/counted/composegen"


def count(program, arguments, out):
    """The instructions of each function, without those that it calls."""
    valgrind = ["valgrind", "--tool=callgrind", "--dump-line=no", f"--callgrind-out-file={out}", "--quiet"]
    env = {"PATH": os.environ["PATH"], "KIOSK_TAG": "7.1", "NATA_TAG": "1", "NO_COLOR": "1"}
    run = subprocess.run([*valgrind, program, *arguments], env=env, capture_output=True, text=True)
    if run.returncode not in (0, 1):
        sys.exit(f"`composegen {' '.join(arguments)}` ended with {run.returncode} in valgrind:\n{run.stderr}")
    names, counts = {}, collections.Counter()
    function, is_call = None, False
    with open(out, encoding="utf-8") as lines:
        for line in lines:
            if named := re.match(r"fn=\((\d+)\)(?: (.*))?", line):
                function = names.setdefault(named[1], named[2])
            elif called := re.match(r"cfn=\((\d+)\) (.*)", line):
                names.setdefault(called[1], called[2])
            elif line.startswith("calls="):
                is_call = True  # the next line is what the called function took
            elif cost := re.match(r"[+*-]?\d* (\d+)$", line):
                if not is_call:
                    counts[re.sub(r"'\d+$", "", function)] += int(cost[1])
                is_call = False
    return counts


def read_baseline():
    made_with, counts = "", collections.defaultdict(dict)
    if os.path.exists(BASELINE):
        with open(BASELINE, encoding="utf-8") as lines:
            made_with = next(lines).strip("# \n")
            for line in lines:
                name, instructions, function = line.rstrip("\n").split("\t")
                counts[name][function] = int(instructions)
    return made_with, counts


def write_baseline(made_with, counts):
    with open(BASELINE, "w", encoding="utf-8") as out:
        out.write(f"# {made_with}\n")
        for name, functions in counts.items():
            total = functions.total()
            out.write(f"{name}\t{total}\t{TOTAL}\n")
            for function, instructions in functions.most_common():
                if instructions >= total * LISTED:
                    out.write(f"{name}\t{instructions}\t{function}\n")


def main():
    os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
    made_with = f"{version('rustc')}, {version('valgrind')}"
    program = build()
    # One processor, so that work is not divided among threads, each time in another way.
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "callgrind.out")
        counts = {name: count(program, arguments, out) for name, arguments in commands(program, folder).items()}
    baseline_made_with, baseline = read_baseline()
    has_grown = False
    for name, functions in counts.items():
        total, before = functions.total(), baseline[name].get(TOTAL)
        if before is None:
            print(f"{name:20} {total:14,}  not in the baseline")
            has_grown = True
            continue
        grows = total > before * ALLOWED
        has_grown |= grows
        print(f"{name:20} {total:14,}  {100 * (total / before - 1):+6.1f} %{'  more than 5 %' if grows else ''}")
        if grows:
            growth = {one: taken - baseline[name].get(one, 0) for one, taken in functions.items()}
            for function, more in collections.Counter(growth).most_common(10):
                if more > 0:
                    print(f"    {more:+14,}  {function}")
    if "--update" in sys.argv[1:]:
        write_baseline(made_with, counts)
        print(f"wrote {BASELINE}")
    elif has_grown:
        if made_with != baseline_made_with:
            print(f"The baseline was made with {baseline_made_with}; this is {made_with}.")
        sys.exit("If the growth is meant: benches/guard.py --update, and say in the commit what it buys.")


main()
