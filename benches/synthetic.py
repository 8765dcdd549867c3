"""Compose files, engines and projects of any size, for guard.py and growth.py.

An engine has the containers of a real one (tests/fixtures/engines) many times, with names, ports and addresses of their
own, and a Compose file has their services as often, so that `drift` finds only what it finds there.
"""

import contextlib
import http.server
import json
import os
import re
import shutil
import socketserver
import subprocess
import threading

FIXTURES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tests/fixtures")
SERVICES = "web|db|aside"
LISTED = "/containers/json?all=1"


def read(name):
    with open(os.path.join(FIXTURES, "engines", name), encoding="utf-8") as file:
        return file.read().replace("10.231.7.0/24", "11.0.0.0/8")


def is_own(entry):
    return "com.docker.compose.project" in entry["Labels"]


def ids():
    """How the IDs of the project's containers and of their anonymous volume begin; zeros follow."""
    recorded = json.loads(read("docker-28.json"))
    containers = [entry["Id"] for entry in recorded[LISTED] if is_own(entry)]
    volumes = [volume["Name"] for volume in recorded["/volumes"]["Volumes"]]
    anonymous = [name for name in volumes if re.fullmatch("[0-9a-f]{64}", name)]
    return "|".join(id.rstrip("0") for id in containers + anonymous)


IDS = ids()


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def copy(text, number):
    """A part of a Compose file or of an answer, with a number in all that is different for each container."""
    text = re.sub(rf"\b({SERVICES})(?=-1\b|:|\"|\n)", rf"\g<1>{number}", text)
    for length in (64, 12):
        zeros = f"0{{{length - 2},{length - 1}}}"
        text = re.sub(rf"\b({IDS}){zeros}\b", lambda id: f"{id[1]}{number:08}".ljust(length, "0"), text)
    text = text.replace("21080", str(10_000 + 2 * number)).replace("21053", str(10_001 + 2 * number))
    return text.replace("10.231.7.10", f"11.{number >> 16}.{number >> 8 & 255}.{number & 255}")


def numbers(services):
    return range(1, services // 3 + 2)


def compose(services):
    """A Compose file with at least so many services."""
    head, own, rest = re.fullmatch(r"(?s)(.*\nservices:\n)(.*)(networks:\n.*)", read("compose.yml")).groups()
    return head + "".join(copy(own, number) for number in numbers(services)) + rest


def engine(services):
    """The answers of an engine that runs this file, as texts by path."""
    recorded = {path: json.dumps(answer) for path, answer in json.loads(read("docker-28.json")).items()}
    own = {path: text for path, text in recorded.items() if path.startswith("/containers/") and path != LISTED}
    entries = json.loads(recorded[LISTED])
    containers = json.dumps([entry for entry in entries if is_own(entry)])
    all_entries = [json.dumps(entry) for entry in entries if not is_own(entry)]
    for number in numbers(services):
        all_entries.append(copy(containers, number)[1:-1])
        recorded |= {copy(path, number): copy(text, number) for path, text in own.items()}
    return recorded | {LISTED: f"[{','.join(all_entries)}]"}


def snapshot(program, folder, services):
    """A snapshot of that engine. The program takes one of a small engine, as it keeps so much of one engine and no more."""
    compose_file, path = write(os.path.join(folder, "small.yml"), compose(0)), os.path.join(folder, "snapshot.json")
    with serve(engine(0), os.path.join(folder, "socket")) as url:
        run = [program, "snapshot", "--quiet", "--file", compose_file, "--docker", url, "--output", path]
        subprocess.run(run, check=True)
    with open(path, encoding="utf-8") as file:
        state = json.load(file)
    one = json.dumps(state["live"]["containers"])
    one = re.sub(rf"\b({SERVICES})1\b", r"\g<1>", one)
    one = re.sub(rf"\b({IDS})00000001(0+)\b", lambda id: f"{id[1]}00000000{id[2]}", one)
    one = one.replace("10002", "21080").replace("10003", "21053")
    one = one.replace("11.0.0.1", "10.231.7.10")
    state["live"]["containers"] = [it for number in numbers(services) for it in json.loads(copy(one, number))]
    return write(path, json.dumps(state))


def project(folder, hosts):
    """A project with so many hosts, each of which has what one host of tests/fixtures/sound has, on a machine of its own."""
    shutil.copytree(os.path.join(FIXTURES, "sound"), folder)
    with open(os.path.join(folder, "environments/catalog.yaml"), encoding="utf-8") as file:
        catalog = file.read()
    with open(os.path.join(folder, "environments/prod.yaml"), encoding="utf-8") as file:
        head, web, rest = re.fullmatch(r"(?s)(.*\nhosts:\n)(  web:\n.*?\n)(  models:.*)", file.read()).groups()
    machines, copies = "", web
    for number in range(1, hosts):
        machines += f"  box{number}: {{}}\n"
        own = web.replace("  web:", f"  web{number}:").replace("box", f"box{number}")
        copies += own.replace("kiosk-prod", f"kiosk-prod{number}").replace("web.yml", f"web{number}.yml")
    write(os.path.join(folder, "environments/catalog.yaml"), re.sub(r"(?m)^machines:\n", lambda found: found[0] + machines, catalog))
    write(os.path.join(folder, "environments/prod.yaml"), head + copies + rest)
    return folder


@contextlib.contextmanager
def serve(answers, socket):
    """Answers on a Unix socket as long as the context lasts."""

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            answer = answers.get(re.sub(r"^/v[\d.]+", "", self.path))
            body = (answer or '{"message": "not found"}').encode()
            self.send_response(200 if answer else 404)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    class Server(socketserver.ThreadingUnixStreamServer):
        daemon_threads = True
        request_queue_size = 64

        def handle_error(self, *_):
            pass  # the other side has seen enough

    with Server(socket, Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"unix://{socket}"
        server.shutdown()
