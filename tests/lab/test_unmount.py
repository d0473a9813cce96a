# SPDX-License-Identifier: GPL-2.0-or-later
"""follower unmount and status: nothing waits for a silent server, nothing of others is lost."""

import time

import pytest
from lab.lab import LEADER
from lab.scene import (
    SHARE,
    as_user,
    await_in,
    finding,
    hold,
    init,
    managed,
    mount,
    printed,
    result,
    run_fix,
    settled,
)

pytestmark = pytest.mark.server("running")

FSTAB = """\
# /etc/fstab: the office's\t
/dev/ubda  /      ext4\tdefaults   0 1
tmpfs\t/srv/ram tmpfs noauto,size=1m 0 0

# the end, without a newline"""
UNMOUNT = "gshare follower unmount"
STATUS = "gshare follower status"
LOGIN = "PATH=/usr/local/bin:/usr/bin:/bin"  # of a user: login(1), no sbin


@pytest.fixture
def share(leader, follower):
    """A share that is mounted on the follower, below an fstab of somebody's own."""
    init(leader)
    # A server that was just started waits for clients who will not come; EBUSY: no longer.
    leader.run("echo Y >/proc/fs/nfsd/v4_end_grace", check=False)
    follower.put("/etc/fstab", FSTAB)
    mount(follower)
    return leader, follower


@pytest.fixture(params=["silent", "refusing", "filtered"])
def mute(request, share):
    """A follower whose leader has gone: off the network, nfsd stopped, or behind a firewall."""
    leader, follower = share
    if request.param == "silent":
        leader.silence()
    elif request.param == "refusing":
        leader.run("systemctl stop nfs-server", timeout=60)
    else:
        leader.run("iptables -I INPUT -p tcp --dport 2049 -j DROP")
    yield follower
    leader.unsilence()


def is_mounted(guest):
    return f" {SHARE} " in guest.run("cat /proc/self/mountinfo").out


def untouched(guest):
    """Return what a refusal must leave alone; never through the share, which would wait."""
    return guest.run("stat -c '%i %Y %Z' /etc/fstab; cat /etc/fstab /proc/self/mountinfo").out


def processes(guest):
    """Return what gshare or umount has left running, a moment after the command's end."""
    return settled(guest, "ps -eo stat,comm | grep -E ' (gshare$|umount|mount.nfs)'", "".__eq__, 2)


def test_unmount_keeps_the_line_and_says_so(share):
    _, follower = share
    before = follower.get("/etc/fstab")
    done = follower.run(UNMOUNT)
    assert "is mounted again at the next boot" in done.out and "--forget" in done.out
    assert "verified: nothing is mounted" in done.out
    assert not is_mounted(follower) and follower.get("/etc/fstab") == before
    mount(follower)
    assert is_mounted(follower)


def test_twice_is_once(share):
    _, follower = share
    follower.run(UNMOUNT)
    before = managed(follower)
    assert "nothing to do" in follower.run(UNMOUNT).out
    assert managed(follower) == before
    follower.run(f"{UNMOUNT} --forget")
    before = managed(follower)
    assert "nothing to do" in follower.run(f"{UNMOUNT} --forget").out
    assert "nothing to do" in follower.run(f"{UNMOUNT} {SHARE} --forget").out
    assert managed(follower) == before


def test_dry_run_changes_nothing(share):
    _, follower = share
    before = managed(follower)
    shown = follower.run(f"{UNMOUNT} --forget --dry-run").out
    assert f"umount {SHARE}" in shown and "+++ /etc/fstab" in shown
    assert managed(follower) == before
    shown = result(follower, f"{UNMOUNT} --forget --dry-run")
    steps = [step["step"] for step in shown["plan"]]
    assert steps[0] == "STOP_UNIT" and steps[-3:] == ["WRITE_FILE", "GUARD", "UMOUNT"], steps
    assert managed(follower) == before


def test_forget_takes_our_two_lines_and_no_other_byte(share):
    _, follower = share
    assert follower.get("/etc/fstab").count(SHARE) == 3
    shown = result(follower, f"{UNMOUNT} --forget")
    assert shown["changed"] and not is_mounted(follower)
    assert follower.get("/etc/fstab") == FSTAB + "\n"
    follower.run("mkdir -p /mnt/again")
    follower.put("/etc/fstab", FSTAB + "\n")
    mount(follower, f"{LEADER} /mnt/again")
    follower.run(UNMOUNT)
    follower.run(f"{UNMOUNT} --forget")
    assert follower.get("/etc/fstab") == FSTAB + "\n"


@pytest.mark.parametrize("how", ["cd {0}; exec sleep 60", "exec sleep 60 <{0}/.gshare-id"])
def test_busy_names_the_holder(share, how):
    _, follower = share
    job = hold(follower, how.format(SHARE))
    before = managed(follower)
    refused = follower.run(f"{UNMOUNT} --forget", check=False)
    pid = follower.run("pgrep -x sleep").out.split()
    assert refused.status == 1 and "MOUNT_BUSY" in refused.err, refused
    assert f"sleep (pid {pid[-1]})" in refused.err and "--lazy" in refused.err
    assert managed(follower) == before
    lazy = run_fix(printed(refused, "MOUNT_BUSY"), follower)
    assert "STILL_USED" in lazy.out and not is_mounted(follower)
    job.stop()


def test_busy_by_a_mapping_and_by_a_mount_below(share):
    _, follower = share
    follower.run(f"mkdir {SHARE}/files/sub; mount -t tmpfs tmpfs {SHARE}/files/sub")
    refused = follower.run(UNMOUNT, check=False)
    assert refused.status == 1 and f"{SHARE}/files/sub is mounted below" in refused.err, refused
    follower.run(f"umount {SHARE}/files/sub")
    lib = f"{SHARE}/files/libm.so.6"
    follower.run(f"cp -L /lib/*-linux-gnu/libm.so.6 {lib}")
    job = hold(follower, f"LD_PRELOAD={lib} exec sleep 60")
    await_in(follower, f"grep -q {lib} /proc/$(pgrep -xf 'sleep 60')/maps")
    refused = follower.run(UNMOUNT, check=False)
    assert refused.status == 1 and f"has {lib} mapped" in refused.err, refused
    job.stop()
    follower.run(UNMOUNT)


def test_what_is_not_ours(share):
    """An NFS mount without our line only by its name; another file system not at all."""
    _, follower = share
    follower.run(f"{UNMOUNT} --forget")
    follower.run(f"mount -t nfs4 {LEADER}:{SHARE} {SHARE}")
    refused = follower.run(UNMOUNT, check=False)
    assert refused.status == 1 and "NOT_MANAGED" in refused.err, refused
    assert is_mounted(follower)
    follower.run(f"{UNMOUNT} {SHARE}/")
    assert not is_mounted(follower)
    follower.run(f"mount -t tmpfs tmpfs {SHARE}")
    refused = follower.run(f"{UNMOUNT} {SHARE}", check=False)
    assert refused.status == 1 and "NOT_NFS" in refused.err, refused
    assert is_mounted(follower)
    run_fix(printed(refused, "NOT_NFS"), follower)
    assert not is_mounted(follower)


def test_an_ordinary_user_may_look_and_not_unmount(share):
    _, follower = share
    shown = follower.run(as_user(1000, f"{LOGIN} {STATUS}"))
    assert "healthy\n" in shown.out and "matches /etc/fstab" in shown.out, shown
    refused = follower.run(as_user(1000, f"{LOGIN} {UNMOUNT}"), check=False)
    assert refused.status == 4 and is_mounted(follower), refused


def test_status_of_a_healthy_share(share):
    _, follower = share
    done = follower.run(STATUS)
    assert done.out.endswith("healthy\n") and "(configured: rw)" in done.out, done.out
    shown = result(follower, STATUS)
    seen = shown["mount"]
    assert seen["mounted"] and seen["in_fstab"] and seen["version"] == "4.2"
    assert (seen["access"], seen["configured"]) == ("rw", "rw")
    assert seen["connections"] == 1 and seen["requests"] > 5 and seen["retransmitted"] == 0
    assert (seen["server"], seen["state"]) == ("yes", "fine") and seen["rtt_us"] > 0
    assert shown["id"] == seen["fstab_id"] and shown["path"] == SHARE


def test_status_when_not_mounted(share):
    _, follower = share
    follower.run(UNMOUNT)
    shown = result(follower, STATUS, status=3)
    assert [found["id"] for found in shown["findings"]] == ["NOT_MOUNTED"]
    assert shown["findings"][0]["fix"] == f"sudo gshare follower mount {LEADER} {SHARE}"
    follower.run(shown["findings"][0]["fix"].removeprefix("sudo "), timeout=60)
    follower.run(STATUS)
    follower.run(f"{UNMOUNT} --forget")
    assert follower.run(STATUS, check=False).status == 3


def test_status_of_another_share_than_kept(share):
    _, follower = share
    follower.run("sed -i s/x-gshare.id=......../x-gshare.id=00000000/ /etc/fstab")
    shown = result(follower, STATUS, status=3)
    assert [found["id"] for found in shown["findings"]] == ["ID_DIFFERS"]
    follower.run(shown["findings"][0]["fix"].rpartition("sudo ")[2], timeout=60)
    follower.run(STATUS)


def test_status_after_a_destroy_that_was_undone(share):
    leader, follower = share
    follower.run(STATUS)
    leader.run("gshare leader destroy --yes --force && gshare undo")
    follower.run(STATUS)


@pytest.mark.parametrize("make", ["mkfifo", "mkdir", "echo nonsense >"])
def test_status_when_the_id_is_none(share, make):
    """Who owns the top puts something there: nothing waits for it, and one command ends it."""
    leader, follower = share
    leader.run(f"chown 1000 {SHARE}")
    leader.run(as_user(1000, f"mv {SHARE}/.gshare-id {SHARE}/old && {make} {SHARE}/.gshare-id"))
    follower.run("echo 3 >/proc/sys/vm/drop_caches")  # it may go on knowing the old one for 60 s
    for command in (STATUS, f"gshare verify {SHARE}"):
        shown = result(follower, command, status=3)
        assert [found["id"] for found in shown["findings"]
                if found["severity"] == "fail"] == ["ID_BROKEN"], shown
    refused = follower.run("gshare follower remount --ro", check=False)
    assert "ID_BROKEN" in refused.err, refused
    fix = [found["fix"] for found in shown["findings"] if found["id"] == "ID_BROKEN"][0]
    on = f"on {LEADER} run: "
    assert fix.startswith(on), fix
    assert f"  fix     {fix}\n" in refused.err, refused
    leader.run(f"chown root {SHARE}")
    leader.run("sudo() { \"$@\"; }; " + fix.removeprefix(on), timeout=60)
    follower.run("echo 3 >/proc/sys/vm/drop_caches")
    found = result(follower, STATUS, status=3)["findings"]
    assert [one["id"] for one in found] == ["ID_DIFFERS"], found


def test_status_when_the_export_has_gone(share):
    leader, follower = share
    leader.run("exportfs -ua; exportfs -f; sleep 1")
    shown = follower.run(STATUS, check=False)
    assert shown.status == 3 and shown.seconds < 3.0, shown
    assert "EXPORT_STALE" in shown.out or "EXPORT_DENIED" in shown.out, shown.out
    follower.run(UNMOUNT)
    assert not is_mounted(follower)


def test_a_mute_leader_is_told_and_not_waited_for(mute):
    done = mute.run(STATUS, check=False)
    assert done.status == 3 and "SERVER_NOT_RESPONDING" in done.out, done
    assert done.seconds < 3.5, done.seconds
    shown = result(mute, "gshare verify", status=3)
    assert [found["id"] for found in shown["findings"]] == ["SERVER_NOT_RESPONDING"]
    assert shown["access"] == []
    before = untouched(mute)
    refused = mute.run(f"{UNMOUNT} --forget", check=False)
    assert refused.status == 1 and "SERVER_NOT_RESPONDING" in refused.err, refused
    assert "--lazy" in refused.err and "--force" in refused.err
    assert refused.seconds < 10, refused.seconds
    assert untouched(mute) == before
    assert processes(mute) == ""
    lazy = run_fix(finding(mute, UNMOUNT, "SERVER_NOT_RESPONDING")["fix"], mute)
    assert lazy.seconds < 10, lazy
    assert not is_mounted(mute) and processes(mute) == ""
    mute.run(f"{UNMOUNT} --forget")
    assert mute.get("/etc/fstab") == FSTAB + "\n"


def test_force_gives_up_what_is_not_written(mute):
    done = run_fix(finding(mute, UNMOUNT, "SERVER_NOT_RESPONDING")["fix"], mute, which=1)
    assert done.seconds < 10, done
    assert not is_mounted(mute) and processes(mute) == ""


def test_mute_with_a_writer_that_waits(share):
    """Unwritten data and a process in D state: lazy is the way out, and its end frees the mount.

    Whether the process is named depends on where it waits: inside open() it holds nothing yet.
    """
    leader, follower = share
    leader.silence()
    job = follower.start(f"dd if=/dev/zero of={SHARE}/files/x bs=64k count=4 conv=fsync")
    time.sleep(1)
    done = follower.run(STATUS, check=False)
    assert done.status == 3 and done.seconds < 3.5, done
    refused = follower.run(UNMOUNT, check=False)
    assert refused.status == 1 and refused.seconds < 10, refused
    lazy = follower.run(f"{UNMOUNT} --lazy", check=False)
    assert lazy.status == 0 and lazy.seconds < 10, lazy
    assert not is_mounted(follower) and processes(follower) == ""
    leader.unsilence()
    job.wait(90, check=False)
    mount(follower)
    assert follower.run(f"ls {SHARE}/files").out == "x\n"


def test_a_leader_that_is_back(share):
    """Silent, then heard again: status says healthy, and a plain unmount works."""
    leader, follower = share
    leader.silence()
    assert follower.run(STATUS, check=False).status == 3
    leader.unsilence()
    assert follower.run(STATUS).status == 0
    follower.run(UNMOUNT)
    assert not is_mounted(follower)


def test_on_a_mount_that_is_silent_too(leader, follower):
    init(leader)
    outer, inner = "/mnt/outer", "/mnt/outer/files/inner"
    follower.run(f"mkdir {outer}; mount -t nfs4 {LEADER}:{SHARE} {outer}; mkdir {inner}")
    mount(follower, f"{LEADER} {inner} --allow-user-path")
    leader.silence()
    shown = follower.run(f"{STATUS} {inner}", check=False)
    print(shown)
    assert shown.status == 3 and shown.seconds < 3.5 and "SERVER_NOT_RESPONDING" in shown.out
    why = f"'{outer}/files' is on '{LEADER}:{SHARE}'"
    assert f"guard        not known: {why}" in shown.out
    told = result(follower, f"{STATUS} {inner}", 3)["mount"]
    assert told["guarded"] is None and told["guard_unseen"].startswith(why)
    before = untouched(follower)
    refused = follower.run(f"{UNMOUNT} {inner} --force", check=False)
    print(refused)
    assert refused.status == 1 and refused.seconds < 10.5 and "MOUNT_BELOW_NOT_RESPONDING" in refused.err
    assert f"unmount {outer} --lazy" in refused.err
    assert untouched(follower) == before and processes(follower) == ""
    run_fix(printed(refused, "MOUNT_BELOW_NOT_RESPONDING"), follower)
    assert not finding(follower, f"{UNMOUNT} {inner} --force", "MOUNT_BELOW_NOT_RESPONDING")
    assert outer not in follower.run("cat /proc/self/mountinfo").out
