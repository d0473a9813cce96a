# SPDX-License-Identifier: GPL-2.0-or-later
"""Try, round after round, to get into the leader's share; print what came of each attempt.

usage: intrude.py LEADER SHARE...

Verdicts: "in" when an entry of a share was seen, a file read or one created; "out" when the server
answered and none of that worked; "down" when nothing answers at the NFS port.
"""

import itertools
import json
import os
import socket
import subprocess
import sys
import time

PORT = 2049
AT = "/run/intruder"
PAUSE_S = 0.5
PATIENCE_S = 8  # per command: beyond the soft mount's own limits
SOFT = "soft,retry=0,timeo=10,retrans=1"

# The ways in: what to mount ("/" is the server's pseudo-root, None stands for the share) and how.
WAYS = (
    ("/", "vers=4.2"),
    (None, "vers=4.2"),
    (None, "vers=4.1"),
    (None, "vers=4.2,noresvport"),
    ("/", "vers=4.0"),
    (None, "vers=3,nolock,port=2049,mountport=2049,proto=tcp,mountproto=tcp"),
)


def main():
    leader, shares = sys.argv[1], sys.argv[2:]
    os.makedirs(AT, exist_ok=True)
    for number in itertools.count(1):
        began = time.time()
        verdict, evidence = attempt(leader, shares, number)
        record = {"round": number, "began": began, "verdict": verdict, "evidence": evidence}
        print(json.dumps(record), flush=True)
        time.sleep(PAUSE_S)


def attempt(leader, shares, number):
    """Try one way into one share; the next round tries another."""
    if not answers(leader):
        return "down", "no answer at port 2049"
    place, options = WAYS[number % len(WAYS)]
    share = shares[number // len(WAYS) % len(shares)]
    source = f"{leader}:{place or share}"
    status, said = run("mount", "-t", "nfs", "-o", f"{options},{SOFT}", source, AT)
    how = f"mount -o {options} {source}"
    if status:
        return "out", f"{how}: {said}"
    try:
        found = look(AT + share if place else AT)
        return ("in", f"{how}: {found}") if found else ("out", f"{how}: mounted, nothing there")
    finally:
        run("umount", "-f", "-l", AT)


def answers(leader):
    """Whether the leader takes connections at the NFS port."""
    try:
        socket.create_connection((leader, PORT), timeout=1).close()
    except OSError:
        return False
    return True


def look(directory):
    """Return what is found in a share, or what could be done to it; None when nothing."""
    status, said = run("ls", "-A", directory)
    if status == 0 and said:
        return f"sees {said.split()}"
    name = f"{directory}/.intruder"
    for deed, command in (
        ("reads", ["cat", f"{directory}/.gshare-id"]),
        ("creates", ["sh", "-c", ': >"$1" && rm -f "$1"', "sh", name]),
    ):
        if run(*command)[0] == 0:
            return f"{deed} {command[-1]}"
    return None


def run(*command):
    """Run a command; return its status and what it said."""
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=PATIENCE_S,
        )
    except subprocess.TimeoutExpired:
        return 1, f"{command[0]} gave up after {PATIENCE_S} s"
    return done.returncode, done.stdout.decode(errors="replace").strip()


main()
