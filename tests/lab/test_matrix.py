# SPDX-License-Identifier: GPL-2.0-or-later
"""Matrix: whatever becomes of a leader, each verb ends in its time, with the cause, and clean.

For each state the share is mounted while all is well; then, in the state, come the verbs of VERBS
in their order, and a lazy unmount where the plain one was refused, for mount to have its turn.
"""

import contextlib
import functools
import re
import sys
import time

import pytest
from lab import peerstate
from lab.lab import LEADER
from lab.reset import reset
from lab.scene import FOLLOWER, FOLLOWER2, SHARE, init

pytestmark = pytest.mark.first
SLACK_S = 0.5  # beyond a deadline

# The command, and its bound: the deadline, and for a mount that is refused what it promises.
VERBS = {
    "status": ("gshare follower status", 3 + SLACK_S),
    "verify": ("gshare verify", 10 + SLACK_S),
    "remount": ("gshare follower remount --recover", 30 + SLACK_S),
    "unmount": ("gshare follower unmount", 10 + SLACK_S),
    "mount": ("gshare follower mount", 30 + SLACK_S),
}
REFUSED_S = 5

FINE = (0, None)
SLOW = "LINK_SLOW|PORT_FILTERED|HOST_NOT_RESPONDING"  # whichever packets the link has lost
EITHER = ({0, 1}, SLOW)  # what has the time may get through

impostor = functools.partial(functools.partial, peerstate.impostor)

# The state, how it is made, and for each verb its status and the causes of which one is named.
ROWS = (
    ("up", peerstate.up, FINE, FINE, FINE, FINE, FINE),
    (
        "nobody there",
        peerstate.nobody,
        (3, "HOST_NOT_RESPONDING"),
        (3, "HOST_NOT_RESPONDING"),
        (1, "HOST_NOT_RESPONDING"),
        (1, "HOST_NOT_RESPONDING"),
        (1, "HOST_NOT_RESPONDING"),
    ),
    (
        "port refused",
        peerstate.refused,
        (3, "PORT_REFUSED"),
        (3, "PORT_REFUSED"),
        (1, "PORT_REFUSED"),
        (1, "PORT_REFUSED"),
        (1, "PORT_REFUSED"),
    ),
    (
        "packets dropped",
        peerstate.dropped,
        (3, "PORT_FILTERED"),
        (3, "PORT_FILTERED"),
        (1, "PORT_FILTERED"),
        (1, "PORT_FILTERED"),
        (1, "PORT_FILTERED"),
    ),
    (
        "dropped in mid-write",
        peerstate.dropped_in_mid_write,
        (3, "PORT_FILTERED"),
        (3, "PORT_FILTERED"),
        (1, "PORT_FILTERED"),
        (1, "PORT_FILTERED"),
        (1, "PORT_FILTERED"),
    ),
    (
        "reset in mid-stream",
        peerstate.reset_in_mid_stream,
        (3, "NFS_UNREACHABLE"),
        (3, "NFS_UNREACHABLE"),
        (1, "NFS_UNREACHABLE"),
        (1, "NFS_UNREACHABLE"),
        (1, "NFS_UNREACHABLE"),
    ),
    (
        "accepts, stays silent",
        impostor("silent"),
        (3, "RPC_TIMEOUT"),
        (3, "RPC_TIMEOUT"),
        (1, "RPC_TIMEOUT"),
        (1, "RPC_TIMEOUT"),
        (1, "RPC_TIMEOUT"),
    ),
    (
        "silent after NULL",
        impostor("null-silent"),
        (3, "NFS_UNREACHABLE"),
        (3, "NFS_UNREACHABLE"),
        (1, "NFS_UNREACHABLE"),
        (1, "NFS_UNREACHABLE"),
        (1, "NFS_UNREACHABLE"),
    ),
    (
        "garbage",
        impostor("garbage"),
        (3, "RPC_GARBAGE"),
        (3, "RPC_GARBAGE"),
        (1, "RPC_GARBAGE"),
        (0, None),
        (1, "RPC_GARBAGE"),
    ),
    (
        "one byte a second",
        impostor("drip"),
        (3, "RPC_SLOW"),
        (3, "RPC_SLOW"),
        (1, "RPC_SLOW"),
        (1, "RPC_SLOW"),
        (1, "RPC_SLOW"),
    ),
    (
        "nfsd with no threads",
        peerstate.no_threads,
        (3, "PORT_REFUSED"),
        (3, "PORT_REFUSED"),
        (1, "PORT_REFUSED"),
        (1, "PORT_REFUSED"),
        (1, "PORT_REFUSED"),
    ),
    (
        "in grace",
        peerstate.in_grace,
        (3, "NFS_GRACE"),
        (3, "NFS_GRACE"),
        (1, "NFS_GRACE"),
        FINE,
        (1, "NFS_GRACE"),
    ),
    (
        "in grace, not mounted",
        functools.partial(peerstate.before_the_mount, peerstate.in_grace),
        (3, "NOT_MOUNTED"),
        (3, "NOT_MOUNTED"),
        (3, "NOT_MOUNTED"),
        FINE,
        (1, "NFS_GRACE"),
    ),
    (
        "mountd dead",
        peerstate.mountd_dead,
        (3, "NFS_UNREACHABLE"),
        (3, "NFS_UNREACHABLE"),
        (1, "NFS_UNREACHABLE"),
        (1, "NFS_UNREACHABLE"),
        (1, "NFS_UNREACHABLE"),
    ),
    (
        "export removed",
        peerstate.export_removed,
        (3, "EXPORT_DENIED|EXPORT_STALE"),
        (3, "EXPORT_DENIED|EXPORT_STALE"),
        (1, "EXPORT_DENIED|EXPORT_STALE"),
        FINE,
        (1, "NOT_EXPORTED"),
    ),
    ("switched to ro", peerstate.switched_to_ro, FINE, FINE, FINE, FINE, FINE),
    (
        "server full",
        peerstate.full,
        FINE,
        (3, "SERVER_FULL"),
        FINE,
        FINE,
        (1, "SERVER_FULL"),
    ),
    (
        "2 s round trip, 20 % loss",
        peerstate.far_and_lossy,
        (3, SLOW),
        (3, SLOW),
        EITHER,
        (1, SLOW),
        (1, SLOW),
    ),
    (
        "name server silent",
        peerstate.name_server_silent,
        FINE,
        FINE,
        FINE,
        FINE,
        (1, "NAME_SERVER_TIMEOUT"),
    ),
    ("server rebooted", peerstate.rebooted, FINE, FINE, FINE, FINE, FINE),
)

# The time is the guest's own. Nothing here touches the share: that would wait, too.
RUN = """
TIMEFORMAT=%R
cd /
{{ time {command} >/tmp/said 2>&1; }} 2>/tmp/took
echo "$? $(tail -n 1 /tmp/took)"
rm /tmp/took
sleep 0.5
awk '$5 == "{share}" {{ print "mounted" }} $5 ~ "^/run/gshare" {{ print "left " $0 }}' \
    /proc/self/mountinfo
ps -eo ppid=,stat=,comm= | awk '$1 != 2 && ($3 ~ /^(gshare$|u?mount)/ || $2 ~ /^D/ && \
    $3 != "dd" && $3 != "gshare-watch") {{ print "left " $0 }}'
find /etc /run /tmp /var/tmp /var/lib/nfs -xdev -name '*gshare*' ! -path /run/gshare \
    ! -path '*/systemd/*' -printf 'left %p\\n'
cat /tmp/said >&2
rm /tmp/said
"""


class Scene:
    """A leader whose share is on a file system of its own, and who uses it."""

    def __init__(self, lab):
        self.net = lab.net
        self.leader, self.follower = lab["leader"], lab["follower"]
        self.follower2 = lab["follower2"]
        self.leader_word = LEADER
        self.took = {}
        reset(lab.guests.values(), "running")
        self.leader.run(
            f"set -e; mkdir -p {SHARE}; truncate -s 40M /srv/disk; mkfs.ext4 -qF /srv/disk\n"
            f"echo '/srv/disk {SHARE} ext4 loop 0 0' >>/etc/fstab; mount {SHARE}"
        )
        init(self.leader, f"--follower {FOLLOWER} --follower {FOLLOWER2}")
        self.leader.run(peerstate.END_GRACE)
        self.follower2.run(f"gshare follower mount {LEADER}", timeout=60)
        self.follower2.start(f"exec sleep 3600 <{SHARE}/.gshare-id")

    def mount_anew(self, word=LEADER):
        """Mount the share while all is well, whatever was."""
        self.leader_word = word
        self.leader.run(peerstate.END_GRACE)
        self.follower.run("gshare follower unmount --lazy --forget", check=False, timeout=40)
        self.follower.run(f"gshare follower mount {word}", timeout=60)

    @contextlib.contextmanager
    def writer(self):
        """Somebody writes, and is in the middle of it."""
        job = self.follower.start(peerstate.WRITER)
        time.sleep(2)
        yield
        job.stop()

    def run(self, verb):
        """Run a verb; return its status, seconds, what it said, and what is there afterwards."""
        command, _ = VERBS[verb.partition(" ")[0]]
        command += " --lazy" if verb == "unmount --lazy" else ""
        command += f" {self.leader_word}" if verb == "mount" else ""
        done = self.follower.run(RUN.format(command=command, share=SHARE), timeout=90)
        first, *there = done.out.splitlines()
        status, seconds = first.split()
        return int(status), float(seconds), done.err, there


@pytest.fixture(scope="module")
def scene(lab, request):
    """One scene for all states; the table of times at its end."""
    made = Scene(lab)
    yield made
    capture = request.config.pluginmanager.getplugin("capturemanager")
    table = [f"{'seconds':26}" + "".join(f"{verb:>10}" for verb in VERBS)]
    for name, took in made.took.items():
        table.append(f"{name:26}" + "".join(f"{took.get(verb, 0):10.2f}" for verb in VERBS))
    with capture.global_and_fixture_disabled():  # what a worker of xdist prints, nobody sees
        print("", *table, sep="\n", file=sys.stderr)
    for guest in (made.follower, made.follower2):
        guest.run("gshare follower unmount --lazy --forget", check=False, timeout=40)
    made.leader.run(f"exportfs -ua; umount -l {SHARE}", check=False)


def judge(verb, expected, seen):
    """Return what is wrong with a verb's end."""
    status, cause = expected
    got, seconds, said, there = seen
    may = status if isinstance(status, set) else {status}
    is_mounted = "mounted" in there
    was_mounted = cause != "NOT_MOUNTED"
    bound = REFUSED_S if verb == "mount" and status else VERBS[verb][1]
    wrong = [line for line in there if line != "mounted"]
    if got not in may or (got and cause and not re.search(f"\\(({cause})\\)", said)):
        wrong.append(f"status {got}, not {status} and {cause}: {said}")
    if seconds > bound:
        wrong.append(f"{seconds} s, over {bound} s: {said}")
    if is_mounted != {"unmount": got != 0, "mount": got == 0}.get(verb, was_mounted):
        wrong.append(f"mounted: {is_mounted}: {said}")
    return [(verb, line) for line in wrong]


@pytest.mark.sampled
@pytest.mark.parametrize("row", ROWS, ids=[row[0].replace(" ", "-") for row in ROWS])
def test_state(scene, row):
    """All verbs in one state; then all is well again."""
    name, make, *expected = row
    wrong = []
    took = scene.took.setdefault(name, {})
    scene.mount_anew()
    with make(scene):
        for verb, wanted in zip(VERBS, expected, strict=True):
            seen = scene.run(verb)
            took[verb] = seen[1]
            print(f"{seen[1]:6.2f} s  {verb:8} {seen[0]} {seen[2]}")
            wrong += judge(verb, wanted, seen)
            if verb == "unmount" and seen[0]:
                lazy = scene.run("unmount --lazy")
                wrong += judge("unmount", FINE, lazy)
    probes = scene.leader.run(f"find {SHARE} -name '.gshare-probe*' -delete -print").out
    for line in (*wrong, probes):
        print("WRONG", line)
    assert not wrong and not probes
