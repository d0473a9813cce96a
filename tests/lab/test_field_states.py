# SPDX-License-Identifier: GPL-2.0-or-later
"""What may become of the exported directory, and what every verb on each node makes of it."""

import json

import pytest
from lab.lab import LEADER
from lab.scene import FOLLOWER, FOLLOWER2, SHARE, taking_away

pytestmark = pytest.mark.server("running")

DISK = """
modprobe loop; truncate -s 64M /root/disk; mkfs.ext4 -q -F /root/disk
mkdir -p /mnt/data; mount -o loop /root/disk /mnt/data
"""
OLD = "/mnt/data/old"
AWAY = f"mv {SHARE} {OLD}"
BACK = f"rm -r {SHARE}; mv {OLD} {SHARE}; exportfs -f"
ANEW = f"{AWAY} && mkdir -m 3775 {SHARE} && chgrp 1000 {SHARE}"
UNMOUNT = taking_away("/mnt/data")
EXPORT = "exportfs -ra 2>/dev/null; exportfs -f"
MOUNT = "mount -o loop /root/disk /mnt/data"

ON_LEADER = {
    "status": "leader status",
    "init": "leader init --dry-run",
    "add": f"leader add {FOLLOWER2} --dry-run",
    "verify": "verify",
    "env": "env leader",
}
# In this order: the mount that is there, its end, and a new one.
ON_FOLLOWER = {
    "status": "follower status",
    "verify": "verify",
    "env": "env follower",
    "mount": f"follower mount {LEADER}",
    "recover": "follower remount --recover",
    "unmount": "follower unmount",
    "anew": f"follower mount {LEADER}",
}


def every(verbs, outcome):
    """Return the same outcome for each of some verbs."""
    return dict.fromkeys(verbs.split(), outcome)


# What happens on the leader, what takes it back, and which verbs meet what: an outcome is the exit
# status, the findings that must be there, and after a "!" those that must not.
# Where nothing is said of a verb, it ends well.
STATES = {
    "well": ("true", "true", {}, {}),
    "removed": (
        f"cp -a {SHARE} {OLD}; rm -r {SHARE}; exportfs -f", f"mv {OLD} {SHARE}; exportfs -f",
        {**every("status env", "3 PATH_MISSING"), **every("init add verify", "1 PATH_MISSING")},
        {**every("status verify env", "3 EXPORT_STALE !ID_DIFFERS"), "recover": "1 EXPORT_ABSENT",
         **every("mount anew", "1 EXPORT_UNCLEAR")},
    ),
    # nfsd still serves the old directory, and its followers work on.
    "another with its id": (
        f"{ANEW} && cp -a {OLD}/.gshare-id {SHARE} && mkdir -m 2775 {SHARE}/files", BACK,
        {**every("status verify env", "3 EXPORT_REPLACED"),
         **every("init add", "1 EXPORT_REPLACED")},
        every("mount anew", "1 EXPORT_AMBIGUOUS"),
    ),
    "another without": (
        ANEW, BACK,
        {**every("status verify env", "3 ID_MISSING"), **every("init add", "1 ID_MISSING")},
        every("mount anew", "1 EXPORT_AMBIGUOUS"),
    ),
    "moved and linked": (
        f"{AWAY} && ln -s old {SHARE}", f"rm {SHARE}; mv {OLD} {SHARE}; exportfs -f",
        {**every("status env", "3 PATH_MISSING"), "verify": "1 PATH_MISSING",
         **every("init add", "1 PATH_LINK")},
        every("mount anew", "1 EXPORT_UNCLEAR"),
    ),
    "read-only": (
        f"mount --bind {SHARE} {SHARE} && mount -o remount,bind,ro {SHARE}; exportfs -f",
        f"exportfs -f; umount -l {SHARE}; exportfs -f",
        {**every("status verify env", "3 FS_READONLY"), **every("init add", "1 FS_READONLY")},
        every("status recover anew", "0 LEADER_READONLY"),
    ),
    # Users of the leader are kept out; nfsd walks the way as root.
    "parent closed": (
        "chmod 0700 /mnt/data", "chmod 0755 /mnt/data",
        every("status init add verify", "0 PATH_CLOSED"), {},
    ),
    "closed": (
        f"chmod 0700 {SHARE}", f"chmod 3775 {SHARE}",
        {**every("status verify env", "3 PATH_CLOSED"), **every("init add", "1 PATH_CLOSED")},
        {**every("status env", "3 PATH_CLOSED"), "verify": "3 VERIFY_LESS",
         "recover": "1 PATH_CLOSED", **every("mount anew", "1 EXPORT_UNCLEAR")},
    ),
    "dataset directory closed": (
        f"chmod 0700 {SHARE}/files", f"chmod 2775 {SHARE}/files",
        {"status": "3 DIR_NOT_WRITABLE", "init": "0 DIR_NOT_WRITABLE", "verify": "3 VERIFY_LESS",
         "env": "3 WRITE_TEST_FAILED"},
        {"verify": "3 VERIFY_LESS", "env": "3 WRITE_TEST_FAILED", "anew": "1 WRITE_TEST_FAILED"},
    ),
    # A follower sees the directory below, which nothing tells from any other.
    "another mount inside": (
        f"mount -t tmpfs -o mode=2775,gid=1000 none {SHARE}/datasets; exportfs -f",
        f"umount -l {SHARE}/datasets; exportfs -f",
        {**every("status verify env", "3 MOUNT_INSIDE"), **every("init add", "0 MOUNT_INSIDE")},
        {},
    ),
    "disk away": (
        f"{UNMOUNT}{EXPORT}", f"{MOUNT}; {EXPORT}",
        {**every("status env", "3 PATH_MISSING"), **every("init add verify", "1 PATH_MISSING")},
        {**every("status verify env", "3 EXPORT_STALE !ID_DIFFERS"), "recover": "1 EXPORT_ABSENT",
         **every("mount anew", "1 EXPORT_UNCLEAR")},
    ),
    "disk back": (f"{UNMOUNT}{EXPORT}; {MOUNT}; {EXPORT}", "true", {}, {}),
}


def outcome(guest, words):
    """Return the exit status and the ids that a command ends with."""
    shown = json.loads(guest.run(f"gshare {words} --json", check=False, timeout=60).out)
    return shown["status"], {told["id"] for told in shown["findings"]}


def misses(guest, verbs, wanted):
    """Return what is not as it is wanted, of each verb."""
    found = []
    for name, words in verbs.items():
        status, *ids = wanted.get(name, "0").split()
        seen = outcome(guest, words)
        there = all((told.lstrip("!") in seen[1]) != told.startswith("!") for told in ids)
        if seen[0] != int(status) or not there:
            found.append((words, wanted.get(name, "0"), seen))
    return found


@pytest.fixture
def share(leader, follower):
    """A share on a disk of its own, and a follower."""
    leader.run(DISK)
    leader.run(f"SUDO_UID=1000 gshare leader init --follower {FOLLOWER}", timeout=90)
    leader.run("echo Y >/proc/fs/nfsd/v4_end_grace", check=False)
    yield leader, follower
    follower.run("umount -a -f -l -t nfs4", check=False)
    leader.run("exportfs -ua; exportfs -f; umount -l /mnt/data", check=False)


@pytest.mark.sampled
@pytest.mark.parametrize("names", [list(STATES)[:6], list(STATES)[6:]], ids=["first", "second"])
def test_every_state_of_the_directory_by_every_verb(share, names):
    leader, follower = share
    wrong = {}
    for name in names:
        happens, undone, there, here = STATES[name]
        follower.run(f"gshare follower mount {LEADER}", timeout=40)
        leader.run(happens)
        # A mount is stale once the client has asked.
        follower.run(f"for i in 1 2 3; do ls {SHARE}/files && sleep 1 || break; done", check=False)
        found = misses(leader, ON_LEADER, there) + misses(follower, ON_FOLLOWER, here)
        if found:
            wrong[name] = found
        leader.run(undone)
        follower.run("umount -a -f -l -t nfs4; sed -i '/ nfs4\\? /d' /etc/fstab", check=False)
        follower.run(f"systemctl daemon-reload; chattr -i {SHARE}; rmdir {SHARE}", check=False)
    assert not wrong
