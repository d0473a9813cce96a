# SPDX-License-Identifier: GPL-2.0-or-later
"""Run the host's commands: a JSON request a line on the serial line, a JSON answer a line back.

The line is the guest's only tie to the host, so that no scenario can cut it: networks, firewalls
and mounts may be broken at will. Every command has a session of its own and writes to files, not
pipes: a daemon that it leaves behind keeps no reader waiting, and a command stopped half-way has
what it printed so far still there.
"""

import base64
import json
import os
import signal
import subprocess
import tempfile
import threading
import time
import traceback
import tty

from reset import Reset

LINE = "/dev/ttyS0"
ENVIRONMENT = {
    "HOME": "/root",
    "LANG": "C.UTF-8",
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "USER": "root",
}
KILL_GRACE_S = 2  # a process that outlives SIGKILL so long sits in the kernel: answer without it


class Job:
    """One command: started at once, answered once."""

    def __init__(self, runner, request):
        self.runner = runner
        self.number = request["id"]
        self.answered = threading.Lock()
        self.out = tempfile.TemporaryFile(dir="/run")
        self.err = tempfile.TemporaryFile(dir="/run")
        with tempfile.TemporaryFile(dir="/run") as stdin:
            stdin.write(base64.b64decode(request.get("input", "")))
            stdin.seek(0)
            self.began = time.monotonic()
            self.process = subprocess.Popen(
                ["/bin/bash", "-c", request["run"]],
                stdin=stdin,
                stdout=self.out,
                stderr=self.err,
                cwd="/root",
                env=ENVIRONMENT,
                start_new_session=True,
            )
        threading.Thread(target=self.wait, daemon=True).start()

    def wait(self):
        """Answer with the status, 128 + N for a command ended by signal N."""
        status = self.process.wait()
        self.answer(status if status >= 0 else 128 - status)

    def signal(self, number):
        """Send the command and its children a signal."""
        try:
            os.killpg(self.process.pid, number)
        except ProcessLookupError:
            pass

    def kill(self):
        """End the command and its children, and answer even if the kernel holds on to them."""
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            return
        late = threading.Timer(KILL_GRACE_S, self.answer, [128 + signal.SIGKILL])
        late.daemon = True
        late.start()

    def answer(self, status):
        """Send the result; the second of two callers has nothing left to say."""
        if not self.answered.acquire(blocking=False):
            return
        seconds = time.monotonic() - self.began
        self.runner.jobs.pop(self.number, None)
        self.runner.send(id=self.number, status=status, seconds=seconds, **self.output())

    def output(self):
        """Return what was printed so far."""
        return {"out": encoded(self.out), "err": encoded(self.err)}


class Runner:
    """The serial line and the jobs under way."""

    def __init__(self):
        self.line = os.open(LINE, os.O_RDWR | os.O_NOCTTY)
        tty.setraw(self.line)
        self.sending = threading.Lock()
        self.jobs = {}
        self.sessions = set()  # of all commands since the last reset
        self.reset = Reset()

    def send(self, **answer):
        """Write one answer; two threads never mix theirs."""
        left = memoryview(json.dumps(answer).encode() + b"\n")
        with self.sending:
            while left:
                left = left[os.write(self.line, left) :]

    def serve(self):
        """Carry out requests for as long as the guest lives."""
        self.send(hello=True)
        for line in open(self.line, "rb", buffering=1 << 16, closefd=False):
            request = json.loads(line)
            if "run" in request:
                job = self.jobs[request["id"]] = Job(self, request)
                self.sessions.add(job.process.pid)
                if job.answered.locked():
                    self.jobs.pop(request["id"], None)
            elif "kill" in request and request["kill"] in self.jobs:
                self.jobs[request["kill"]].kill()
            elif "signal" in request and request["signal"] in self.jobs:
                self.jobs[request["signal"]].signal(request["number"])
            elif "peek" in request:
                job = self.jobs.get(request["peek"])
                self.send(id=request["id"], **(job.output() if job else {}))
            elif "reset" in request:
                threading.Thread(target=self.bring_back, args=[request], daemon=True).start()

    def bring_back(self, request):
        """Undo what scenarios have done."""
        began, status, said = time.monotonic(), 0, ""
        ended, self.sessions = self.sessions, set()
        end_sessions(ended)
        try:
            self.reset.run(request["reset"])
        except Exception:
            status, said = 1, traceback.format_exc()
        err = base64.b64encode(said.encode()).decode()
        seconds = time.monotonic() - began
        self.send(id=request["id"], status=status, out="", err=err, seconds=seconds)


def end_sessions(sessions):
    """Kill what commands have left running: it may hold files of a share that is unmounted next."""
    deadline = time.monotonic() + KILL_GRACE_S
    while (left := members(sessions)) and time.monotonic() < deadline:
        for pid in left:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        time.sleep(0.01)


def members(sessions):
    """The processes of these sessions."""
    found = []
    for name in os.listdir("/proc"):
        try:
            with open(f"/proc/{name}/stat") as stat:
                state, _, _, session = stat.read().rpartition(") ")[2].split()[:4]
        except (OSError, ValueError):
            continue
        if int(session) in sessions and state != "Z":
            found.append(int(name))
    return found


def encoded(file):
    """Return the whole file in base64, leaving the writer's offset where it is."""
    number = file.fileno()
    return base64.b64encode(os.pread(number, os.fstat(number).st_size, 0)).decode()


Runner().serve()
