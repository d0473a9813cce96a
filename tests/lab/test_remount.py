# SPDX-License-Identifier: GPL-2.0-or-later
"""follower remount: changed in its place, or a new mount for a dead one; never waiting."""

import random
import time

import pytest
from lab.lab import LEADER
from lab.scene import (
    FOLLOWER,
    SHARE,
    await_in,
    finding,
    gone_after,
    hold,
    init,
    managed,
    mount,
    result,
    run_fix,
)

pytestmark = pytest.mark.server("running")

FILE = f"{SHARE}/files/a"
REMOUNT = "gshare follower remount"
RECOVER = "gshare follower remount --recover"
STATUS = "gshare follower status"
UNMOUNT = "gshare follower unmount"
BOUND = 31.5  # the deadline, half a second, and what starting takes in a guest

# The share's directory is another one now: every handle that followers hold is stale. The old one
# goes while its handles still are known: a delegation can be given back.
REPLACE = f"""
set -e
cp -a {SHARE} {SHARE}.new
mv {SHARE} {SHARE}.old
mv {SHARE}.new {SHARE}
rm -rf {SHARE}.old
exportfs -ra
"""
LEFT = """
ls -d /run/gshare.stage 2>/dev/null
grep ' /run/gshare' /proc/self/mountinfo
ps -eo stat,comm | grep -E ' (gshare$|umount|mount.nfs)'
true
"""


@pytest.fixture
def share(leader, follower):
    """A share that is mounted on the follower, and has a file."""
    init(leader)
    # A server that was just started waits for clients who will not come.
    leader.run("echo Y >/proc/fs/nfsd/v4_end_grace", check=False)
    mount(follower)
    follower.run(f"echo hello >{FILE}")
    return leader, follower


@pytest.fixture
def stale(share):
    """The same, with the leader's directory made anew."""
    leader, follower = share
    leader.run(REPLACE, timeout=60)
    shown = result(follower, STATUS, 3)
    assert shown["mount"]["state"] == "stale", shown
    return leader, follower


def mounts(follower):
    """Return the options of every mount at the share's place."""
    text = follower.run("cat /proc/self/mountinfo").out
    return [line.split()[5] for line in text.splitlines() if f" {SHARE} " in line]


def line(follower):
    """Return the share's line of fstab."""
    text = follower.get("/etc/fstab")
    return next(row for row in text.splitlines() if f" {SHARE} nfs4 " in row)


def read_ahead(follower):
    """Return the read-ahead of the share in KiB."""
    return int(follower.run(f"cat /sys/class/bdi/$(mountpoint -d {SHARE})/read_ahead_kb").out)


def can_write(follower):
    """Return whether root can write a file of the share."""
    return follower.run(f"echo x >>{FILE}", check=False).status == 0


def test_ro_and_rw_in_place(share):
    _, follower = share
    reader = follower.start(f"exec tail -f {FILE}")
    time.sleep(1)
    before = line(follower)
    done = follower.run(f"{REMOUNT} --ro", timeout=40)
    assert "rw,nosuid,nodev -> ro,nosuid,nodev" in done.out and "verified" in done.out, done
    assert not can_write(follower) and reader.running
    assert ",ro," in line(follower) or ",ro " in line(follower)
    here = managed(follower)
    assert "nothing to do" in follower.run(f"{REMOUNT} --ro", timeout=40).out
    assert "nothing to do" in follower.run(REMOUNT, timeout=40).out
    assert managed(follower) == here
    assert result(follower, STATUS)["mount"]["access"] == "ro"
    follower.run(f"{REMOUNT} --rw", timeout=40)
    assert can_write(follower) and reader.running
    assert line(follower) == before
    reader.stop()
    follower.run("gshare undo", timeout=40)
    assert not can_write(follower)


def test_mounted_ro_and_made_rw(leader, follower):
    """The super block is ro then, too."""
    init(leader)
    mount(follower, f"{LEADER} --ro")
    follower.run(f"{REMOUNT} --rw", timeout=40)
    follower.run(f"echo hello >{FILE}")
    follower.run("gshare undo", timeout=40)
    assert not can_write(follower) and mounts(follower)[0].startswith("ro,")


def test_a_writer_keeps_it_rw_and_is_named(share):
    _, follower = share
    writer = hold(follower, f"exec sleep 60 >>{FILE}")
    before = managed(follower)
    refused = follower.run(f"{REMOUNT} --ro", check=False, timeout=40)
    assert refused.status == 1 and "MOUNT_BUSY" in refused.err, refused
    assert "sleep (pid " in refused.err
    assert managed(follower) == before
    writer.stop()


def test_it_follows_fstab(share):
    _, follower = share
    text = follower.get("/etc/fstab")
    follower.put("/etc/fstab", text.replace("hard,", "hard,noexec,ro,"))
    gone_after(follower, STATUS, "MOUNT_OPTIONS_DIFFER")
    assert mounts(follower)[0].startswith("ro,nosuid,nodev,noexec")
    follower.put("/etc/fstab", text.replace("timeo=600", "timeo=100"))
    before = managed(follower)
    refused = follower.run(REMOUNT, check=False, timeout=40)
    assert refused.status == 1 and "timeo 600 (expected 100)" in refused.err, refused
    assert f"sudo gshare follower unmount {SHARE}" in refused.err
    assert managed(follower) == before
    follower.put("/etc/fstab", text)
    follower.run(REMOUNT, timeout=40)
    assert mounts(follower)[0].startswith("rw,nosuid,nodev") and "noexec" not in mounts(follower)[0]
    follower.put("/etc/fstab", text.replace("timeo=600", "timeo=100"))
    gone_after(follower, STATUS, "MOUNT_OPTIONS_DIFFER")
    assert "timeo=100" in follower.run(f"findmnt -kno OPTIONS {SHARE}").out


def test_mount_names_it_and_it_helps(share):
    _, follower = share
    refused = follower.run(f"gshare follower mount {LEADER} --ro", check=False, timeout=40)
    assert refused.status == 1 and "MOUNT_OPTIONS_DIFFER" in refused.err, refused
    assert f"sudo gshare follower remount {SHARE} --ro" in refused.err
    follower.run(f"{REMOUNT} {SHARE} --ro", timeout=40)
    again = follower.run(f"gshare follower mount {LEADER} --ro", timeout=40)
    assert "nothing to do" in again.out, again


def test_a_mount_of_others_is_made_safe_by_name(share):
    _, follower = share
    follower.run(f"{UNMOUNT} --forget")
    follower.run(f"mount -t nfs4 {LEADER}:{SHARE} {SHARE}")
    refused = follower.run(REMOUNT, check=False, timeout=40)
    assert refused.status == 1 and "NOT_MANAGED" in refused.err, refused
    follower.run(f"{REMOUNT} {SHARE}", timeout=40)
    assert mounts(follower)[0].startswith("rw,nosuid,nodev") and read_ahead(follower) == 15360
    follower.run("gshare undo", timeout=40)
    assert "nosuid" not in mounts(follower)[0] and read_ahead(follower) == 128


def test_a_stale_mount_is_told_and_not_touched(stale):
    _, follower = stale
    before = managed(follower)
    refused = follower.run(REMOUNT, check=False, timeout=40)
    assert refused.status == 1 and "EXPORT_STALE" in refused.err, refused
    assert f"sudo gshare follower remount {SHARE} --recover" in refused.err
    shown = result(follower, f"{RECOVER} --dry-run")
    assert [step["step"] for step in shown["plan"]] == ["STAGE", "VERIFY", "RENEW", "READ_AHEAD"]
    assert managed(follower) == before


def test_recover(share):
    leader, follower = share
    user = hold(follower, f"cd {SHARE}/files; exec sleep 60")
    leader.run(REPLACE, timeout=60)
    fstab = follower.get("/etc/fstab")
    shown = result(follower, STATUS, 3)
    assert shown["mount"]["state"] == "stale"
    (told,) = [found for found in shown["findings"] if found["id"] == "EXPORT_STALE"]
    assert SHARE in run_fix(told["fix"], follower, leader).out
    done = run_fix(told["fix"], follower, leader, which=1)
    assert "verified" in done.out and "STILL_USED" in done.out and "sleep (pid " in done.out, done
    assert len(mounts(follower)) == 1 and mounts(follower)[0].startswith("rw,nosuid,nodev")
    follower.run(f"echo again >{SHARE}/files/b")
    assert leader.get(f"{SHARE}/files/b") == "again\n"
    assert follower.get("/etc/fstab") == fstab and read_ahead(follower) == 15360
    shown = result(follower, STATUS)
    assert shown["mount"]["guarded"] is True and shown["mount"]["state"] == "fine"
    here = managed(follower)
    assert "nothing to recover" in follower.run(RECOVER, timeout=40).out
    assert managed(follower) == here
    assert "MOUNT_KEPT" in follower.run("gshare undo", timeout=40, check=False).out
    assert len(mounts(follower)) == 1 and can_write(follower)
    assert follower.run(LEFT).out == ""
    user.stop()


def test_another_share_is_not_taken_for_it(stale):
    leader, follower = stale
    leader.run(f"sed -i 's/^id .*/id 00000001/' {SHARE}/.gshare-id")
    before = mounts(follower)
    refused = follower.run(RECOVER, check=False, timeout=40)
    assert refused.status == 1 and "ID_DIFFERS" in refused.err, refused
    assert mounts(follower) == before and follower.run(LEFT).out == ""


def test_recover_where_nothing_is_exported_any_more(share):
    leader, follower = share
    leader.run("gshare leader remove 192.168.18.8 --force", timeout=60)
    shown = result(follower, STATUS, 3)
    assert shown["mount"]["state"] in ("stale", "denied")
    before = managed(follower)
    refused = follower.run(RECOVER, check=False, timeout=60)
    assert refused.status == 1 and refused.seconds < BOUND, refused
    assert "DENIED" in refused.err or "ABSENT" in refused.err, refused
    assert managed(follower) == before and follower.run(LEFT).out == ""
    (told,) = [found for found in shown["findings"] if found["id"] == "EXPORT_DENIED"]
    assert SHARE in run_fix(told["fix"], follower, leader, which=1).out
    run_fix(told["fix"], follower, leader)
    follower.run(RECOVER, timeout=60)
    assert result(follower, STATUS)["ok"]


@pytest.mark.parametrize("words", ["", "--recover", "--ro"])
def test_silent_server(share, words):
    leader, follower = share
    before = follower.run("cat /etc/fstab /proc/self/mountinfo").out
    leader.silence()
    refused = follower.run(f"{REMOUNT} {words}", check=False, timeout=60)
    assert refused.status == 1 and "SERVER_NOT_RESPONDING" in refused.err, refused
    assert refused.seconds < BOUND
    assert follower.run("cat /etc/fstab /proc/self/mountinfo").out == before
    assert follower.run(LEFT).out == ""
    leader.unsilence()


def recover_in_the_end(follower):
    """A connection that found nobody is tried again ever more rarely: some seconds may pass."""
    for _ in range(6):
        done = follower.run(RECOVER, check=False, timeout=40)
        if done.status == 0:
            return
        assert done.status == 1 and "MOUNT_NOT_RESPONDING" in done.err, done
    raise AssertionError(done)


def test_recover_from_a_server_that_falls_silent(stale):
    leader, follower = stale
    job = follower.start(f"{RECOVER} --timeout 10")
    time.sleep(random.Random(5).uniform(0.2, 1.5))
    leader.silence()
    job.wait(timeout=60, check=False)
    assert len(mounts(follower)) == 1
    leader.unsilence()
    recover_in_the_end(follower)
    assert len(mounts(follower)) == 1 and can_write(follower)
    assert follower.run(LEFT).out == ""


def test_a_mount_that_hangs_alone(share):
    """Its connection is dead, and a new one is answered: it goes by the command that is printed."""
    leader, follower = share
    ends = follower.run(f"ss -tnH dst {LEADER}:2049 | awk '{{print $4}}'").out.split()
    rules = [f"INPUT -p tcp -s {FOLLOWER} --sport {end.rpartition(':')[2]} -j DROP" for end in ends]
    leader.run("".join(f"iptables -I {rule}\n" for rule in rules))
    told = finding(follower, "gshare follower status", "MOUNT_NOT_RESPONDING")
    run_fix(told["fix"], follower)
    assert not mounts(follower)
    leader.run("".join(f"iptables -D {rule}\n" for rule in rules))
    mount(follower)
    assert can_write(follower)


def test_recover_killed_at_any_moment(share):
    leader, follower = share
    moments = random.Random(11)
    for _ in range(6):
        leader.run(REPLACE, timeout=60)
        follower.run(f"timeout -s KILL {moments.uniform(0.3, 3.0):.3f} {RECOVER}", check=False)
        await_in(follower, "! pgrep -x gshare >/dev/null")
        follower.run(RECOVER, timeout=60)
        assert len(mounts(follower)) == 1 and can_write(follower) and read_ahead(follower) == 15360
        assert follower.run(LEFT).out == ""
