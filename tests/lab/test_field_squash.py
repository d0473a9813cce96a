# SPDX-License-Identifier: GPL-2.0-or-later
"""What programs meet under each squash: the man page's table, measured; and who is told of it."""

import json
import re
from pathlib import Path

import pytest
from lab.scene import FOLLOWER, SHARE, finding, init, mount, run_fix

pytestmark = pytest.mark.server("running")

MAN = Path(__file__).parents[2] / "man/gshare.8"
KINDS = ("all", "root", "none")
TITLE = '.It Em act Ta Em all: any user Ta Em root: root Ta Em none: root\n'

# Beside a file of the owner and one of somebody else, which the leader made: each act as root, the
# second and third also as the owner.
ACTS = r"""
import fcntl, json, os, stat, sys
top = sys.argv[1]
here, old, other = (f"{top}/files/{name}" for name in ("new", "old", "other"))
def can(act, *words):
    try:
        act(*words)
    except OSError:
        return False
    return True
def as_owner(act, *words):
    child = os.fork()
    if not child:
        os.setgid(1000)
        os.setuid(1000)
        os._exit(0 if can(act, *words) else 1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
def said(*cases):
    for fits, word in cases:
        if fits:
            return word
    return "no"
def yes(fits):
    return "yes" if fits else "no"
def make(name, kind, device=0):
    return can(os.mknod, f"{top}/files/{name}", kind | 0o600, device)
with open(here, "w"):
    pass
owner = os.stat(here).st_uid
both = can(os.chown, here, 0, -1), as_owner(os.chown, old, 1000, -1)
tree = can(os.rename, f"{top}/files", f"{top}/filed")
if tree:
    os.rename(f"{top}/filed", f"{top}/files")
with open(old) as file:
    locks = can(fcntl.flock, file, fcntl.LOCK_SH)
os.chmod(old, 0)
print(json.dumps({
    "owner of a new file": {0: "root", 1000: "the owner"}.get(owner, str(owner)),
    "chown to another user": yes(can(os.chown, here, 2000, -1)),
    "chown to oneself": said((both[0], "yes"), (sys.argv[2] == "all" and both[1], "only the owner")),
    "chmod of one's own": yes(can(os.chmod, here, 0o644)),
    "chmod of others'": said((can(os.chmod, other, 0o640), "yes"),
                             (can(os.chmod, old, 0), "the owner's")),
    "read a file of mode 0000": yes(can(open, old)),
    "mknod: FIFO, socket": yes(make("fifo", stat.S_IFIFO) and make("socket", stat.S_IFSOCK)),
    "mknod: device": yes(make("null", stat.S_IFCHR, os.makedev(1, 3))),
    "rename files itself": yes(tree),
    "list postgresql_data": yes(can(os.listdir, f"{top}/postgresql_data")),
    "flock, user xattrs": yes(locks and can(os.setxattr, here, "user.a", b"1")),
    "ACL, trusted xattrs": yes(can(os.setxattr, here, "trusted.a", b"1") or
                               os.system(f"setfacl -m u:1000:r {here} 2>/dev/null") == 0),
}))
"""


def table():
    """Return {squash: {act: what is met}} of the man page."""
    text = MAN.read_text()
    rows = text[text.index(TITLE) + len(TITLE) :].partition(".El")[0]
    rows = re.sub(r"\b(Pa|No) ", "", rows)
    cells = [row.removeprefix(".It ").split(" Ta ") for row in rows.splitlines()]
    return {kind: {row[0]: row[n] for row in cells} for n, kind in enumerate(KINDS, 1)}


def test_what_programs_meet_is_what_the_man_page_says(leader, follower):
    init(leader)
    mount(follower)
    leader.run("useradd --uid 1001 --no-create-home other", check=False)
    said = {}
    for kind in KINDS:
        if kind != "all":  # a live follower is told of by name, and what it can do is looked at
            words = f"gshare leader init --squash {kind} --yes"
            told = finding(leader, words, "FOLLOWER_REMAPPED")
            assert FOLLOWER in told["text"] and "(follower)" in told["text"], told
            run_fix(told["fix"], leader, follower, check=False)
            assert not finding(leader, words, "FOLLOWER_REMAPPED")
        leader.run(f"cd {SHARE}/files && rm -f * && touch old other && chown 1001:1000 other && "
                   # What all squash lets everybody be, the leader's file is too.
                   f"chown 1000:1000 old && { 'chown 1000 other' if kind == 'all' else 'true' }")
        # What the node was told under the squash before it would ask for again within a minute.
        follower.run("echo 2 >/proc/sys/vm/drop_caches")
        done = follower.run(f"python3 - {SHARE} {kind}", stdin=ACTS, timeout=60)
        said[kind] = json.loads(done.out)
    wanted = table()
    wrong = [
        (kind, act, met, wanted[kind].get(act))
        for kind in KINDS
        for act, met in said[kind].items()
        if met != wanted[kind].get(act)
    ]
    assert not wrong and said["all"].keys() == wanted["all"].keys()
