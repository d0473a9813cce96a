# SPDX-License-Identifier: GPL-2.0-or-later
"""Channel: commands into a guest and results out of it, over the guest's first serial line."""

import base64
import itertools
import json
import threading
from dataclasses import dataclass

from lab.fixes import RECORD

LINE_BYTES = 4000  # more could fill the guest's terminal, whose driver may then never read on
KILL_GRACE_S = 10  # the runner in the guest answers 2 s after a kill; busy guests take longer


class GuestGone(Exception):
    """The guest ended or stopped answering."""


@dataclass
class Result:
    """What a command did; out and err keep every byte (undecodable ones as surrogates)."""

    command: str
    status: int
    out: str
    err: str
    seconds: float

    def __str__(self):
        parts = [f"$ {self.command}", f"status {self.status} after {self.seconds:.2f} s"]
        streams = (("out", self.out), ("err", self.err))
        parts += [f"{name}:\n{text}" for name, text in streams if text]
        return "\n".join(parts)


class CommandFailed(AssertionError):
    """A command ended with a status that its caller did not expect."""

    def __init__(self, where, result):
        super().__init__(f"on {where}: {result}")
        self.result = result


class CommandTimeout(CommandFailed):
    """A command ran over its deadline and was killed; the result holds what it printed so far."""


class Job:
    """A command under way in a guest."""

    def __init__(self, channel, number, command):
        self.channel = channel
        self.number = number
        self.command = command
        self._answer = None
        self._answered = threading.Event()

    @property
    def running(self):
        """Whether the command has not ended yet."""
        return not self._answered.is_set()

    @property
    def output(self):
        """What the command printed on stdout so far."""
        if self.running:
            answer = self.channel.ask(peek=self.number)
            if "out" in answer:
                return decoded(answer["out"])
        return self.wait(KILL_GRACE_S, check=False).out

    def wait(self, timeout=30, check=True):
        """Return the result; over the deadline kill the command and raise CommandTimeout."""
        in_time = self._answered.wait(timeout)
        if not in_time:
            self._kill()
        answer = self._answer
        if "lost" in answer:
            raise GuestGone(f"{self.channel.name} is gone ({answer['lost']}): $ {self.command}")
        result = Result(
            self.command,
            answer["status"],
            decoded(answer["out"]),
            decoded(answer["err"]),
            answer["seconds"],
        )
        RECORD.ends(self.channel.name, result.out, result.err)
        if not in_time:
            raise CommandTimeout(f"{self.channel.name}, killed after {timeout} s", result)
        if check and result.status != 0:
            raise CommandFailed(self.channel.name, result)
        return result

    def stop(self):
        """Kill the command and its children; return its result."""
        self._kill()
        return self.wait(0.1, check=False)

    def signal(self, number):
        """Send the command and its children a signal."""
        self.channel.send(signal=self.number, number=int(number))

    def finish(self, answer):
        """Take the answer in (called by the channel)."""
        self._answer = answer
        self._answered.set()

    def _kill(self):
        self.channel.send(kill=self.number)
        if not self._answered.wait(KILL_GRACE_S):
            self.finish({"lost": "no answer to a kill"})


class Channel:
    """The host's end of the line: any number of commands at once."""

    def __init__(self, name, line):
        self.name = name
        self.ready = threading.Event()
        self._line = line
        self._sending = threading.Lock()
        self._numbers = itertools.count(1)
        self._jobs = {}
        self._lost = None
        threading.Thread(target=self._receive, name=f"channel {name}", daemon=True).start()

    def start(self, command, stdin=b""):
        """Start a command in the guest; return its Job."""
        RECORD.starts(self.name, command)
        job = self._register(command)
        self.send(id=job.number, run=command, input=base64.b64encode(stdin).decode())
        return job

    def reset(self, server):
        """Have the guest bring itself back to its first state; return that Job."""
        job = self._register("(reset)")
        self.send(id=job.number, reset=server)
        return job

    def ask(self, **request):
        """Send a request that the runner answers at once; return the answer."""
        job = self._register(str(request))
        self.send(id=job.number, **request)
        if not job._answered.wait(KILL_GRACE_S):
            raise GuestGone(f"{self.name} does not answer")
        return job._answer

    def send(self, **request):
        """Write one request."""
        line = json.dumps(request).encode() + b"\n"
        if len(line) > LINE_BYTES:
            raise ValueError(f"{len(line)} bytes are too many at once: {request}")
        try:
            with self._sending:
                self._line.sendall(line)
        except OSError as error:
            self._lose(str(error))

    def jobs(self):
        """Return the jobs that have not ended."""
        return list(self._jobs.values())

    def close(self):
        """Cut the line; every waiting caller hears of it."""
        self._lose("the line was closed")
        self._line.close()

    def _register(self, command):
        job = Job(self, next(self._numbers), command)
        self._jobs[job.number] = job
        if self._lost:
            self._lose(self._lost)
        return job

    def _receive(self):
        try:
            for line in self._line.makefile("rb"):
                self._take(line)
        except (OSError, ValueError) as error:
            self._lose(str(error))
        self._lose("the guest ended")

    def _take(self, line):
        answer = json.loads(line)
        if "hello" in answer:
            self.ready.set()
            return
        job = self._jobs.pop(answer["id"], None)
        if job:
            job.finish(answer)

    def _lose(self, why):
        self._lost = why
        for number in list(self._jobs):
            job = self._jobs.pop(number, None)
            if job:
                job.finish({"lost": why})


def decoded(text):
    """Return base64 text as str, lossless for any bytes."""
    return base64.b64decode(text).decode(errors="surrogateescape")
