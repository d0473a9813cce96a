# SPDX-License-Identifier: GPL-2.0-or-later
"""What the programs that read a cluster.env make of one: each is run, none is imitated.

A reader is a function from a path to the variables that it finds there; None: it refuses the file.
READERS holds those that are installed, ABSENT the names of the others.
"""

import json
import os
import shutil
import socketserver
import subprocess
import tempfile
import threading
from http.server import BaseHTTPRequestHandler
from pathlib import Path

LIMIT_S = 20
GENERATOR = "/usr/lib/systemd/user-environment-generators/30-systemd-environment-d-generator"


def run(*argv, **more):
    more.setdefault("env", {"PATH": os.environ["PATH"]})
    return subprocess.run(argv, capture_output=True, timeout=LIMIT_S, check=False, **more)


def pairs(data, end=b"\0"):
    found = (item.partition(b"=") for item in data.split(end) if b"=" in item)
    return {key.decode(errors="replace"): value.decode(errors="replace")
            for key, _, value in found}


def shell(name):
    program = shutil.which(name)

    def read(path):
        # A syntax error ends dash: what was set until then is what counts.
        script = 'trap "env -0" EXIT; set -a; . "$1" >/dev/null'
        return pairs(run(program, "-c", script, name, path, env={"PATH": "/nowhere:/usr/bin"}).stdout)
    return program and read


def systemd():
    def read(path):
        with tempfile.TemporaryDirectory() as home:
            folder = Path(home, "environment.d")
            folder.mkdir()
            shutil.copy(path, folder / "a.conf")
            out = run(GENERATOR, env={"XDG_CONFIG_HOME": home, "HOME": home}).stdout
        # It quotes what a shell would need quoted.
        return {key: unquote(value) for key, value in pairs(out, b"\n").items()}
    return read if os.access(GENERATOR, os.X_OK) else None


def unquote(value):
    return run("bash", "-c", f"printf %b {value}").stdout.decode(errors="replace")


def python_dotenv():
    python = next((p for p in ("/usr/bin/python3", "python3")
                   if not run(p, "-c", "import dotenv").returncode), None)
    code = "import dotenv,json,sys;print(json.dumps(dotenv.dotenv_values(sys.argv[1])))"

    def read(path):
        done = run(python, "-c", code, path)
        return None if done.returncode else json.loads(done.stdout)
    return python and read


def node():
    program = shutil.which("node")
    if program and run(program, "--env-file=/dev/null", "-e", "0").returncode:
        return None

    def read(path):
        done = run(program, f"--env-file={path}", "-p", "JSON.stringify(process.env)")
        return None if done.returncode else json.loads(done.stdout)
    return program and read


class Daemon(BaseHTTPRequestHandler):
    """As much of a Docker daemon as the client asks for before it creates a container."""

    protocol_version = "HTTP/1.1"

    def answer(self, status, body):
        self.send_response(status)
        self.send_header("Api-Version", "1.41")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def do_GET(self):
        self.answer(200, b"{}")

    do_HEAD = do_GET

    def do_POST(self):
        self.server.asked.append(self.rfile.read(int(self.headers.get("Content-Length", 0))))
        self.answer(500, b'{"message":"asked"}')

    def log_message(self, *_):
        pass


class Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True

    def get_request(self):
        connection, _ = super().get_request()
        return connection, ("docker", 0)


def docker():
    """The client reads the file and says what is in it to the daemon: a false one listens."""
    program = shutil.which("docker")

    def read(path):
        with tempfile.TemporaryDirectory() as home, Server(f"{home}/s", Daemon) as server:
            server.asked = []
            threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
            run(program, "-H", f"unix://{home}/s", "run", "--pull=never", "--env-file", path, "image",
                env={"PATH": os.environ["PATH"], "HOME": home})
            server.shutdown()
        if not server.asked:
            return None
        env = json.loads(server.asked[0]).get("Env") or []
        return dict(item.partition("=")[::2] for item in env)
    return program and read


def compose():
    """Its second generation prints as JSON what a service of the file would get."""
    named = os.environ.get("GSHARE_COMPOSE")
    ways = [[named]] if named else [["docker", "compose"], ["docker-compose"]]
    program = next((way for way in ways if shutil.which(way[0])
                    and run(*way, "version", "--short").stdout.lstrip(b"v").startswith(b"2.")), None)

    def read(path):
        with tempfile.TemporaryDirectory() as home:
            model = Path(home, "compose.json")
            model.write_text(json.dumps({"services": {"a": {"image": "a", "env_file": str(path)}}}),
                             encoding="ascii")
            done = run(*program, "-f", str(model), "config", "--format", "json",
                       env={"PATH": os.environ["PATH"], "HOME": home})
        if done.returncode:
            return None
        return json.loads(done.stdout)["services"]["a"]["environment"]
    return program and read


def compose_parser():
    """A program that prints what compose-go's package dotenv reads, where one was built."""
    program = os.environ.get("GSHARE_COMPOSE_DOTENV")

    def read(path):
        done = run(program, path)
        if done.returncode:
            return None
        words = done.stdout.decode(errors="replace").split("\0")
        return dict(zip(words[::2], words[1::2]))
    return program and read


FOUND = {
    "Docker Compose": compose() or compose_parser(),
    "docker --env-file": docker(),
    "bash": shell("bash"),
    "dash": shell("dash"),
    "systemd": systemd(),
    "python-dotenv": python_dotenv(),
    "node": node(),
}
READERS = {name: read for name, read in FOUND.items() if read}
ABSENT = [name for name, read in FOUND.items() if not read]
