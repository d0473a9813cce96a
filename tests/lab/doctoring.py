# SPDX-License-Identifier: GPL-2.0-or-later
"""Doctoring: how scenes break something by rows, look at what doctor says, and have it fixed.

Rows come in pairs, the ways of one cause, and a scene has one of each. The rows of a scene follow
each other on one pair of nodes. A failure has to be the first that is named; a warning has to be
there. Its fix is run as it is printed, then what the fix alone does not restore, and all is well
again.
"""

import json
import time

import pytest
from lab.scene import run_fix

DOCTOR = "gshare doctor --timeout 20"  # a guest is some times slower than a machine, and shares it
SETTLES_S = 40  # a client tries again after 15 s, and keeps what it was told for 30

# Of the fix: the command that is run; None: it is advice, or only looks.
FIRST, SECOND, NONE = 0, 1, None

WAYS = pytest.mark.parametrize("way", ("first", "second"))


def look(guest, words=""):
    """Return what doctor says."""
    done = guest.run(f"{DOCTOR} {words} --json", check=False, timeout=40)
    shown = json.loads(done.out)
    assert done.status == shown["status"], done
    return shown


def await_well(guest, how, words=""):
    """Wait until doctor finds nothing that fails; a client does not notice at once."""
    deadline = time.monotonic() + SETTLES_S
    while (shown := look(guest, words))["cause"]:
        assert time.monotonic() < deadline, (how, shown)
        time.sleep(1)


def go_through(rows, way, here, *others, words=""):
    """Break by each row of a way in turn, look here, run the fix, and restore.

    @words: for doctor here; the others are not looked at then
    """
    nodes = {guest.name: guest for guest in (here, *others)}
    wrong = []
    for cause, node, how, which, back in rows[("first", "second").index(way) :: 2]:
        nodes[node].run(how, timeout=40)
        shown = look(here, words)
        told = next((found for found in shown["findings"] if found["id"] == cause), None)
        if not told or (told["severity"] == "fail" and shown["cause"] != cause):
            wrong.append((how, "named", shown["cause"], told))
        elif which is not NONE:
            run_fix(told["fix"], here, *others, which=which)
        if back:
            nodes[node].run(back, timeout=60)
        for guest in [here] if words else nodes.values():
            await_well(guest, how, words)
        if any(found["id"] == cause for found in look(here, words)["findings"]):
            wrong.append((how, "stays", told))
    assert not wrong, wrong
