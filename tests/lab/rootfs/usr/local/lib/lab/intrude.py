# SPDX-License-Identifier: GPL-2.0-or-later
"""Try, round after round, to get into the leader's share; print what came of each attempt.

usage: intrude.py PAUSE LEADER SHARE...

PAUSE seconds lie between two rounds; SIGUSR1 ends a pause.

Verdicts: "in" when an entry of a share was seen, a file read or one created; "out" when the server
answered and none of that worked; "down" when nothing answers at the NFS port.

The attempts are system calls of one process, not programs, which a guest takes 10-20 times as long
to start. A second one ends it where the kernel does not let it go on.
"""

import ctypes
import itertools
import json
import os
import select
import signal
import socket
import sys
import time

PORT = 2049
AT = "/run/intruder"
PATIENCE_S = 8  # for a round: beyond the soft mount's own limits
SOFT = "soft,timeo=10,retrans=1"
MNT_FORCE, MNT_DETACH = 1, 2

# The ways in: what to mount ("/" is the server's pseudo-root, None stands for the share) and how.
WAYS = (
    ("/", "vers=4.2"),
    (None, "vers=4.2"),
    (None, "vers=4.1"),
    (None, "vers=4.2,noresvport"),
    ("/", "vers=4.0"),
    (None, "vers=3,nolock,port=2049,mountport=2049,mountvers=3,proto=tcp,mountproto=tcp"),
)

libc = ctypes.CDLL(None, use_errno=True)


def main():
    pause, leader, shares = float(sys.argv[1]), sys.argv[2], sys.argv[3:]
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
    os.makedirs(AT, exist_ok=True)
    number = 1
    while True:
        unmount()
        number = watch(pause, leader, shares, number)


def watch(pause, leader, shares, number):
    """Have a child make rounds for as long as each ends; return the number of the next."""
    ours, theirs = os.pipe()
    child = os.fork()
    if not child:
        make_rounds(pause, leader, shares, number, theirs)
    os.close(theirs)
    began = time.time()
    while select.select([ours], [], [], PATIENCE_S)[0]:
        lines = os.read(ours, 1 << 16)
        if not lines:  # it has died, and said why: no attempt that failed
            sys.exit(1)
        os.write(1, lines)
        number, began = number + lines.count(b"\n"), time.time()
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    os.close(ours)
    os.write(1, record(number, began, "out", f"gave up after {PATIENCE_S} s"))
    return number + 1


def make_rounds(pause, leader, shares, first, out):
    """Print a line for each round, for ever."""
    for number in itertools.count(first):
        began = time.time()
        os.write(out, record(number, began, *attempt(leader, shares, number)))
        signal.sigtimedwait({signal.SIGUSR1}, pause)


def record(number, began, verdict, evidence):
    """One line of what is printed."""
    shown = {"round": number, "began": began, "verdict": verdict, "evidence": evidence}
    return json.dumps(shown).encode() + b"\n"


def attempt(leader, shares, number):
    """Try one way into one share; the next round tries another."""
    own = answers(leader)
    if not own:
        return "down", "no answer at port 2049"
    place, options = WAYS[number % len(WAYS)]
    share = shares[number // len(WAYS) % len(shares)]
    source = f"{leader}:{place or share}"
    how = f"mount -o {options} {source}"
    ends = f"mountaddr={leader}" if "vers=3" in options else f"clientaddr={own}"
    said = mount(source, f"{options},{SOFT},addr={leader},{ends}")
    if said:
        return "out", f"{how}: {said}"
    try:
        found = look(AT + share if place else AT)
        return ("in", f"{how}: {found}") if found else ("out", f"{how}: mounted, nothing there")
    finally:
        unmount()


def answers(leader):
    """Our own address, where the leader takes connections at the NFS port."""
    try:
        with socket.create_connection((leader, PORT), timeout=1) as line:
            return line.getsockname()[0]
    except OSError:
        return None


def mount(source, options):
    """Mount as mount.nfs(8) would have the kernel do it; return why not."""
    if libc.mount(source.encode(), AT.encode(), b"nfs", 0, options.encode()) == 0:
        return None
    return os.strerror(ctypes.get_errno())


def unmount():
    """Whatever is mounted, without a word to the server."""
    libc.umount2(AT.encode(), MNT_FORCE | MNT_DETACH)


def look(directory):
    """Return what is found in a share, or what could be done to it; None when nothing."""
    for deed, do in (("sees", see), ("reads", read), ("creates", create)):
        try:
            found = do(directory)
        except OSError:
            continue
        if found:
            return f"{deed} {found}"
    return None


def see(directory):
    return os.listdir(directory)


def read(directory):
    with open(f"{directory}/.gshare-id", "rb") as file:
        file.read()
    return file.name


def create(directory):
    name = f"{directory}/.intruder"
    with open(name, "xb"):
        pass
    os.unlink(name)
    return name


main()
