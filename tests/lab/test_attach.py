# SPDX-License-Identifier: GPL-2.0-or-later
"""The follower's mount: proved out of sight, attached, guarded, fast; nothing left when killed."""

import random
import time

import pytest
from lab.lab import LEADER
from lab.scene import SHARE, await_in, init, mount, printed, result, run_fix

pytestmark = pytest.mark.server("running")

DATASETS = f"{SHARE}/datasets"
MOUNT = f"gshare follower mount {LEADER}"
UNMOUNT = "gshare follower unmount"
WATCH = f"""
exec python3 -c '
import time
while True:
    if b" {SHARE} " in open("/proc/self/mountinfo", "rb").read():
        print("seen", flush=True)
    time.sleep(0.005)
'
"""
LEFT = f"""
grep -E ' (/run/gshare|{SHARE} )' /proc/self/mountinfo
ls -d /run/gshare.stage 2>/dev/null
find /etc /mnt -xdev -name '.gshare-*' ! -name .gshare-id
pgrep -x 'gshare|mount.nfs4|mount.nfs'
true
"""


def flags(follower):
    """Return what lsattr says of the bare directory."""
    return follower.run(f"lsattr -d {SHARE}").out.split()[0]


def read_ahead(follower):
    """Return the read-ahead of the share in KiB."""
    value = f"cat /sys/class/bdi/$(mountpoint -d {SHARE})/read_ahead_kb"
    return int(follower.run(value).out)


def test_target_never_shows_an_unproved_mount(leader, follower):
    init(leader)
    leader.run(f"setfacl -b {DATASETS}; chmod 700 {DATASETS}")
    watcher = follower.start(WATCH)
    time.sleep(1)
    failed = follower.run(MOUNT, check=False)
    time.sleep(0.5)
    seen = watcher.output
    watcher.stop()
    assert failed.status == 1 and "WRITE_TEST_FAILED" in failed.err, failed
    assert "seen" not in seen
    looked = run_fix(printed(failed, "WRITE_TEST_FAILED"), follower, leader, check=False)
    assert looked.status == 3 and DATASETS in looked.out, looked
    assert follower.run(LEFT).out == ""


def test_nobody_writes_where_the_share_is_absent(leader, follower):
    init(leader)
    mount(follower)
    assert result(follower, "gshare follower status")["mount"]["guarded"] is True
    follower.run(UNMOUNT)
    assert "i" in flags(follower)
    for attempt in (f"touch {SHARE}/x", f"mkdir {SHARE}/x", f"mv {SHARE} /mnt/y", f"rmdir {SHARE}"):
        assert follower.run(attempt, check=False).status != 0, attempt
    mount(follower)
    follower.run(f"{UNMOUNT} --forget")
    assert "i" not in flags(follower)
    follower.run(f"set -e; touch {SHARE}/x; mkdir {SHARE}/y; rm -r {SHARE}/x {SHARE}/y")
    follower.run(f"rmdir {SHARE}")


def test_undo_takes_the_guard_and_gives_it_back(leader, follower):
    init(leader)
    mount(follower)
    follower.run("gshare undo 1")
    assert follower.run(f"test -e {SHARE}", check=False).status == 1
    follower.run("gshare undo 2")
    assert read_ahead(follower) == 15360
    follower.run(f"{UNMOUNT} --forget")
    assert "i" not in flags(follower)
    follower.run("gshare undo 4")
    assert read_ahead(follower) == 15360
    follower.run(f"umount {SHARE}")
    assert "i" in flags(follower)


def test_read_ahead(leader, follower):
    init(leader)
    mount(follower)
    assert read_ahead(follower) == 15360
    follower.run(f"echo 128 >/sys/class/bdi/$(mountpoint -d {SHARE})/read_ahead_kb")
    mount(follower)
    assert read_ahead(follower) == 15360
    assert result(follower, "gshare follower status")["mount"]["read_ahead_kib"] == 15360


def test_setuid_and_devices_of_the_leader_gain_nothing(leader, follower):
    init(leader, "--follower 192.168.18.8 --squash none --yes")
    leader.run(f"set -e; cd {SHARE}/files; cp /usr/bin/id .; chmod 4755 id; mknod -m 666 d c 1 3")
    mount(follower)
    shown = follower.run(f"setpriv --reuid 1000 --regid 1000 --clear-groups {SHARE}/files/id")
    assert "euid=0" not in shown.out
    assert follower.run(f"echo x >{SHARE}/files/d", check=False).status != 0


def test_a_path_of_others_is_refused(leader, follower):
    init(leader)
    words = f"{MOUNT} /home/user1/data"
    refused = follower.run(words, check=False)
    assert refused.status == 1 and "TARGET_USER_PATH" in refused.err, refused
    assert "owner 1001" in refused.err
    mine = follower.run(f"SUDO_UID=1001 {words}")
    assert "TARGET_IN_HOME" in mine.out
    follower.run(f"{UNMOUNT} --forget")
    run_fix(printed(refused, "TARGET_USER_PATH"), follower)
    follower.run(f"{UNMOUNT} --forget")
    # The guide's own path, made as Ubuntu's users make directories: by default a group's, their own.
    follower.run("runuser -u user1 -- sh -c 'umask 002; mkdir -p /home/user1/mnt/data'")
    guide = follower.run(f"SUDO_UID=1001 {MOUNT} /home/user1/mnt/data/shared")
    assert "TARGET_IN_HOME" in guide.out


def test_a_server_without_4_2(leader, follower):
    leader.run("systemctl stop nfs-server; rpc.nfsd 0; mkdir -p /etc/nfs.conf.d", timeout=60)
    leader.put("/etc/nfs.conf.d/old.conf", "[nfsd]\nvers4.2=n\n")
    leader.run("systemctl start nfs-server", timeout=60)
    init(leader)
    assert "NFS 4.1" in mount(follower).out
    assert "vers=4.1" in follower.run(f"grep {LEADER} /etc/fstab").out
    assert "nothing to do" in mount(follower).out
    leader.run("rm /etc/nfs.conf.d/old.conf; systemctl restart nfs-server", timeout=60)


def test_killed_at_any_moment(leader, follower):
    init(leader)
    whole = mount(follower).seconds
    follower.run(f"{UNMOUNT} --forget")
    chance = random.Random(42)
    for _ in range(10):
        after = chance.uniform(0.05, whole)
        follower.run(f"timeout -s KILL {after:.3f} {MOUNT}", check=False)
        await_in(follower, "! pgrep -x gshare >/dev/null")
        assert "/run/gshare" not in follower.run("cat /proc/self/mountinfo").out, after
        mount(follower)
        left = follower.run(LEFT).out.splitlines()
        assert len(left) == 1 and "nfs4" in left[0], (after, left)
        follower.run(f"{UNMOUNT} --forget")
