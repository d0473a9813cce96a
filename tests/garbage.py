#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A garbage server, asked by the whole gshare: run-garbage.sh, in namespaces of its own. Speaks TAP.

The server is a true one, with one export, that spoils one of its replies. Laws: the command ends by
itself and in time; what it says is the truth, or that this was garbage, where that is certain; no
child of it ended by a signal; nothing is written to the terminal; nothing runs afterwards; nothing
is changed.
"""

import argparse
import collections
import concurrent.futures
import fcntl
import json
import os
import pty
import random
import re
import socket
import struct
import subprocess
import sys
import termios
import threading
import time
from pathlib import Path

LIMIT_S = 8  # a look gives up after 4 s; the machine may have much else to do
PATH = [b"data", b"sets"]
CARD = b"gshare 1\nid 7c1e52d0\n"
LAST = 1 << 31
NFS_PORT, RPCBIND_PORT = 2049, 111
ROOT, PUT, LOOKUP, GET, ACCESS, READ, READDIR = 24, 22, 15, 10, 3, 25, 26
NOENT, ISDIR = 2, 21
WRAPS = [0, 1, 2, 3, 5, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0xFFFFFFFC, 0xFFFFFFFD]
WRAPS += [base + more for base in (0x10000000, 0x20000000, 0x40000000) for more in (-1, 0, 1, 2)]
GREETINGS = [
    b"HTTP/1.1 400 Bad Request\r\n\r\n",
    b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n",
    b"\x15\x03\x01\x00\x02\x02\x46" + bytes(9),
    b"\x16\x03\x03\x00\x7a\x02\x00\x00\x76\x03\x03" + b"\x5a" * 120,
    bytes(64),
]
GARBAGE = {"NFS_GARBAGE", "RPC_GARBAGE"}
GONE = {"NFS_UNREACHABLE", "RPC_CLOSED"}
LATE = {"NFS_UNREACHABLE", "RPC_SLOW", "RPC_TIMEOUT"}


def words(*numbers):
    return struct.pack(f">{len(numbers)}I", *(number & 0xFFFFFFFF for number in numbers))


def opaque(data):
    return words(len(data)) + data + bytes(-len(data) % 4)


# ---- a true server ---------------------------------------------------------------------------


class Reader:
    """The arguments of a call."""

    def __init__(self, data):
        self.data = data
        self.at = 0

    def number(self):
        self.at += 4
        return struct.unpack_from(">I", self.data, self.at - 4)[0]

    def opaque(self):
        size = self.number()
        self.at += (size + 3) // 4 * 4
        return self.data[self.at - (size + 3) // 4 * 4:][:size]

    def skip(self, n):
        self.at += 4 * n


def entry(name, kind):
    return words(1, 0, 1) + opaque(name) + words(1, 2) + opaque(words(kind))


def is_there(here):
    return here == PATH[:len(here)] or here == [*PATH, b".gshare-id"]


def operate(number, arguments, here):
    """One operation: its status and results; here is where it stands, and goes on."""
    if number == ROOT:
        here[:] = []
    elif number == PUT:
        here[:] = [part for part in arguments.opaque().split(b"/") if part]
    elif number == LOOKUP:
        here.append(arguments.opaque())
        return (0 if is_there(here) else NOENT), b""
    elif number == GET:
        return 0, opaque(b"/" + b"/".join(here))
    elif number == ACCESS:
        arguments.skip(1)
        return 0, words(0x3F, 0x3F if here == PATH else 1)
    elif number == READ:
        arguments.skip(7)
        return (0, words(1) + opaque(CARD)) if here[-1:] == [b".gshare-id"] else (ISDIR, b"")
    elif number == READDIR:
        arguments.skip(8)
        names = PATH[len(here):][:1]
        return 0, bytes(8) + b"".join(entry(name, 2) for name in names) + words(0, 1)
    return 0, b""


def compound(arguments):
    arguments.opaque()
    arguments.skip(1)
    here, results, status, n = [], b"", 0, 0
    for n in range(1, arguments.number() + 1):
        number = arguments.number()
        status, result = operate(number, arguments, here)
        results += words(number, status) + (b"" if status else result)
        if status:
            break
    return words(status, 0, n) + results


def exports():
    """Another host's, so that the one that was asked for is not among them."""
    return words(1) + opaque(b"/srv/other") + words(1) + opaque(b"192.0.2.77") + words(0, 0)


def answer(call):
    """A call's reply, without its mark."""
    program, _, procedure = struct.unpack_from(">III", call, 12)
    arguments = Reader(call[24:])
    for _ in range(2):  # credentials and verifier
        arguments.skip(1)
        arguments.opaque()
    head = call[:4] + words(1, 0, 0, 0, 0)
    if program == 100000:
        return head + words(RPCBIND_PORT)
    if program == 100005:
        return head + exports()
    return head + (compound(arguments) if procedure else b"")


# ---- what is done to a reply -----------------------------------------------------------------


def whole(reply):
    return words(LAST | len(reply)) + reply


def endless(talk, chunk):
    """Until nobody listens any more."""
    while True:
        talk.sendall(chunk)


def spoil_word(chance, reply):
    at = 4 * chance.randrange(len(reply) // 4)
    return [whole(reply[:at] + words(chance.choice(WRAPS)) + reply[at + 4:])]


def spoil_cut(chance, reply):
    return [whole(reply[:chance.randrange(len(reply))])]


def spoil_junk(chance, reply):
    return [whole(reply + chance.randbytes(chance.randrange(1, 64)))]


def spoil_mark(chance, reply):
    mark = chance.choice([0, LAST, LAST | 1, LAST | 11, 0x7FFFFFFF, 0xFFFFFFFF, LAST | 0x40000000])
    return [words(mark) + reply]


def spoil_greeting(chance, _):
    return [chance.choice(GREETINGS)]


def spoil_fragments(_, reply):
    return [words(len(reply)) + reply, lambda talk: endless(talk, bytes(4096))]


def spoil_long_record(_, reply):
    return [words(LAST | 0x7FFFFFFF) + reply, lambda talk: endless(talk, b"x" * 4096)]


def spoil_cut_stream(chance, reply):
    return [whole(reply)[:chance.randrange(len(reply))], lambda talk: talk.close()]


def spoil_drip(_, reply):
    def drip(talk):
        for byte in whole(reply):
            talk.sendall(bytes([byte]))
            time.sleep(0.5)
    return [drip]


def spoil_listing(_, reply):
    """Every page of the root holds "." only, and is not the last."""
    head = reply[:4] + words(1, 0, 0, 0, 0)
    page = bytes(8) + entry(b".", 2) * 200 + words(0, 0)
    return [whole(head + words(0, 0, 2, PUT, 0, READDIR, 0) + page)]


def spoil_flood(_, reply):
    head = reply[:4] + words(1, 0, 0, 0, 0)
    page = bytes(8) + b"".join(entry(b"d%d" % i, 2) for i in range(800)) + words(0, 0)
    return [whole(head + words(0, 0, 2, PUT, 0, READDIR, 0) + page)]


def spoil_results(_, reply):
    return [whole(reply[:24] + words(0, 0, 0x10000001) + words(GET, 0, 0x7FFFFFFF) * 2000)]


def spoil_bitmap(_, reply):
    page = bytes(8) + words(1, 0, 1) + opaque(b"a") + words(0x40000001) + words(2) * 4000
    return [whole(reply[:24] + words(0, 0, 2, PUT, 0, READDIR, 0) + page)]


# How: what it may be called, None for whatever is true; which replies; how often of 100; the words
# of the command, where they are others.
Row = collections.namedtuple("Row", "how named which weight more", defaults=(None, 0, ()))
LISTS = "lists"  # every reply to READDIR
ROWS = {
    "a number": Row(spoil_word, None, None, 52),
    "cut": Row(spoil_cut, GARBAGE, None, 10),
    "junk": Row(spoil_junk, GARBAGE, None, 6),
    "a mark": Row(spoil_mark, GARBAGE, None, 6),
    "a greeting": Row(spoil_greeting, GARBAGE, None, 6),
    "endless fragments": Row(spoil_fragments, GARBAGE, None, 4),
    "an endless record": Row(spoil_long_record, GARBAGE, None, 2),
    "hung up": Row(spoil_cut_stream, GONE, None, 4),
    "mountd's numbers": Row(spoil_word, None, RPCBIND_PORT, 8, ("--export", "/none")),
    "mountd's greeting": Row(spoil_greeting, {"EXPORT_ABSENT"}, RPCBIND_PORT, 2,
                             ("--export", "/none")),
    "a byte a moment": Row(spoil_drip, LATE, None),
    "an endless listing": Row(spoil_listing, LATE, LISTS),
    "a listing of many": Row(spoil_flood, None, LISTS),
    "results whose size wraps": Row(spoil_results, {"NFS_GARBAGE"}, LISTS),
    "a set whose size wraps": Row(spoil_bitmap, {"NFS_GARBAGE"}, LISTS),
}


class Server:
    """At an address of its own; the replies are counted as they are sent, on both ports."""

    def __init__(self, address, row=None, which=-1, chance=None):
        self.row, self.which, self.chance = row, which, chance
        self.sent = collections.Counter()
        self.sockets = [socket.create_server((address, port), backlog=16)
                        for port in (NFS_PORT, RPCBIND_PORT)]
        for listener in self.sockets:
            threading.Thread(target=self.accept, args=(listener,), daemon=True).start()

    def accept(self, listener):
        try:
            while True:
                talk, _ = listener.accept()
                threading.Thread(target=self.serve, args=(talk,), daemon=True).start()
        except OSError:
            pass

    def is_spoilt(self, port, call):
        if not self.row:
            return False
        if self.row.which == LISTS:
            return len(call) > 80 and words(READDIR, 0) in call
        return port == (self.row.which or NFS_PORT) and self.sent[port] == self.which

    def serve(self, talk):
        port = talk.getsockname()[1]
        with talk, talk.makefile("rb") as calls:
            try:
                while mark := calls.read(4):
                    call = calls.read(struct.unpack(">I", mark)[0] & ~LAST)
                    parts = [whole(answer(call))]
                    if self.is_spoilt(port, call):
                        parts = self.row.how(self.chance, parts[0][4:])
                    self.sent[port] += 1
                    for part in parts:
                        part(talk) if callable(part) else talk.sendall(part)
            except (OSError, struct.error):
                pass

    def close(self):
        for listener in self.sockets:
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()


# ---- what is asked of it ---------------------------------------------------------------------


def take_terminal(slave):
    def do():
        os.setsid()
        fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    return do


class Run:
    """The command, with a terminal that it is not asked to write to."""

    def __init__(self, gshare, address, more):
        master, slave = pty.openpty()
        began = time.monotonic()
        with subprocess.Popen(
            [gshare, "follower", "mount", address, "/mnt/zz", "-n", "--json", *more],
            stdin=slave, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            preexec_fn=take_terminal(slave),
        ) as process:
            try:
                self.out, self.err = process.communicate(timeout=4 * LIMIT_S)
            except subprocess.TimeoutExpired:
                process.kill()
                self.out, self.err = process.communicate()
        self.took = time.monotonic() - began
        self.pid, self.status = process.pid, process.returncode
        self.left = [entry.name for entry in Path("/proc").iterdir() if self.is_ours(entry)]
        os.set_blocking(master, False)
        try:
            self.shown = os.read(master, 65536)
        except OSError:
            self.shown = b""
        os.close(slave)
        os.close(master)

    def is_ours(self, entry):
        """Is it of the session that the command began?"""
        try:
            stat = (entry / "stat").read_text().rpartition(")")[2].split()
            return entry.name.isdigit() and int(stat[3]) == self.pid
        except (OSError, IndexError):
            return False

    def ids(self):
        return {found["id"] for found in json.loads(self.out)["findings"]}

    def flaws(self, named):
        text = (self.out + self.err).decode(errors="replace")
        if self.status < 0:
            yield f"ended by signal {-self.status}"
        if self.took > LIMIT_S:
            yield f"took {self.took:.1f} s"
        if self.shown:
            yield f"wrote to the terminal: {self.shown!r}"
        if self.err:
            yield "wrote beside its result"
        if self.left:
            yield f"left {self.left}"
        if re.search("signal|malformed answer|child process", text):
            yield "a child did not end by itself"
        if named and not self.ids() & named:
            yield f"is called {sorted(map(str, self.ids()))}, not one of {sorted(named)}"


def state():
    """What a look must not change: lines, by what they are of."""
    fstab = Path("/etc/fstab").read_text() if Path("/etc/fstab").exists() else ""
    return {"fstab": fstab.splitlines(), "mnt": sorted(os.listdir("/mnt")),
            "mounts": Path("/proc/self/mountinfo").read_text().splitlines()}


def changes(before, after):
    """Lines that differ. A mount goes here, too, when somebody outside removes what it is on."""
    for name, was in before.items():
        for line in sorted(set(was) ^ set(after[name])):
            if name == "mounts" and line in was and not os.path.lexists(line.split()[4]):
                continue
            yield f"{name}: {line}"


def play(gshare, seed, i, replies):
    """Case i: (name, its flaws, what was said)."""
    chance = random.Random(f"{seed} {i}")
    once = [name for name, row in ROWS.items() if not row.weight]
    name = once[i] if i < len(once) else chance.choices(
        list(ROWS), [row.weight for row in ROWS.values()])[0]
    row = ROWS[name]
    which = chance.randrange(replies[row.which if row.which == RPCBIND_PORT else NFS_PORT])
    server = Server(f"127.1.{i // 250}.{i % 250 + 1}", row, which, chance)
    run = Run(gshare, f"127.1.{i // 250}.{i % 250 + 1}", row.more)
    server.close()
    return name, [f"case {i}, reply {which}: {flaw}" for flaw in run.flaws(row.named)], run


def look_around(gshare):
    """Without any harm: how many replies there are, on each port."""
    server = Server("127.2.0.1")
    run = Run(gshare, "127.2.0.1", ())
    if run.status or b"/data/sets" not in run.out:
        sys.exit(f"Bail out! the true server: {run.out + run.err!r}")
    replies = server.sent.copy()
    Run(gshare, "127.2.0.1", ("--export", "/none"))
    server.close()
    replies[RPCBIND_PORT] = server.sent[RPCBIND_PORT]
    if not replies[RPCBIND_PORT]:
        sys.exit("Bail out! mountd was not asked")
    return replies


def main():
    given = argparse.ArgumentParser()
    given.add_argument("gshare", type=os.path.abspath)
    given.add_argument("--count", type=int, default=200)
    given.add_argument("--seed", default="gshare")
    given.add_argument("--only", type=int, default=-1)
    given = given.parse_args()
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", "/mnt"], check=True)
    replies, before = look_around(given.gshare), state()
    flaws, said, n = collections.defaultdict(list), {}, collections.Counter()
    cases = range(given.count) if given.only < 0 else [given.only]
    with concurrent.futures.ThreadPoolExecutor(2 * os.cpu_count()) as pool:
        for name, found, run in pool.map(
                lambda i: play(given.gshare, given.seed, i, replies), cases):
            n[name] += 1
            flaws[name] += found
            if found:
                said[name] = (run.out + run.err).decode(errors="replace")
    print(f"# seed {given.seed}, {len(cases)} cases, {replies[NFS_PORT]} replies in a look")
    for number, name in enumerate(n, 1):
        print(f"{'not ok' if flaws[name] else 'ok'} {number} - {name} ({n[name]})")
        for line in flaws[name] + said.get(name, "").splitlines():
            print(f"# {line}")
    changed = list(changes(before, state()))
    for line in changed:
        print(f"# {line}")
    same = not changed
    print(f"{'ok' if same else 'not ok'} {len(n) + 1} - nothing is changed\n1..{len(n) + 1}")
    return not same or any(flaws.values())


if __name__ == "__main__":
    sys.exit(main())
