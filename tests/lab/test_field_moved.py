# SPDX-License-Identifier: GPL-2.0-or-later
"""What a follower says, and what mends it, once its leader, its address or the way has changed."""

import pytest
from lab.lab import LEADER
from lab.scene import (
    FOLLOWER,
    SHARE,
    await_in,
    finding,
    gone_after,
    init,
    mount,
    printed,
    result,
    run_fix,
)

pytestmark = pytest.mark.server("running")

MOVED, LEASED = "192.168.18.14", "192.168.18.77"
STATUS, MOUNT = "gshare follower status", f"gshare follower mount {LEADER}"
UNMOUNT = "gshare follower unmount"


@pytest.fixture
def share(leader, follower):
    """A share that the follower has mounted; the addresses and mounts of before come back."""
    init(leader)
    leader.run("echo Y >/proc/fs/nfsd/v4_end_grace", check=False)
    mount(follower)
    yield leader, follower
    follower.run(f"umount -a -f -l -t nfs4; ip addr del {LEASED}/24 dev vec0", check=False)
    follower.run(f"ip addr replace {FOLLOWER}/24 dev vec0")
    leader.run(f"iptables -D INPUT -d {LEADER} -j DROP", check=False)
    leader.run(f"ip addr del {MOVED}/24 dev vec0", check=False)


def test_the_leader_has_another_address(share):
    leader, follower = share
    leader.run(f"ip addr add {MOVED}/24 dev vec0 && iptables -I INPUT -d {LEADER} -j DROP")
    words = f"gshare follower mount {MOVED}"
    told = finding(follower, words, "TARGET_IN_USE")
    assert told["fix"].endswith(f"{UNMOUNT} {SHARE} --forget --lazy"), told
    run_fix(told["fix"], follower)
    mount(follower, MOVED)
    # Where the old one answers there is no reason to detach it.
    leader.run(f"iptables -D INPUT -d {LEADER} -j DROP")
    told = finding(follower, f"{MOUNT} --export {SHARE} {SHARE}", "TARGET_IN_USE")
    assert told["fix"].endswith(f"{UNMOUNT} {SHARE} --forget"), told
    run_fix(told["fix"], follower)
    follower.run(f"mkdir -p {SHARE} && mount -t tmpfs none {SHARE}")
    gone_after(follower, MOUNT, "TARGET_IN_USE")


def test_the_follower_has_another_address(share):
    leader, follower = share
    follower.run(f"ip addr del {FOLLOWER}/24 dev vec0; ip addr add {LEASED}/24 dev vec0")
    add = f"on {LEADER} run: sudo gshare leader add {LEASED} --path {SHARE}"
    for command in (STATUS, "gshare verify", "gshare follower remount --recover"):
        told = finding(follower, command, "MOUNT_NOT_RESPONDING")
        assert f"sees as {LEASED}" in told["text"] and told["fix"].startswith(add), told
    run_fix(told["fix"], follower, leader)
    assert "NOT_EXPORTED" not in follower.run(STATUS, check=False).out
    follower.run(f"{UNMOUNT} --lazy && {MOUNT}", timeout=60)
    assert result(follower, STATUS)["ok"]
    # Listed, and refused by the file system: by the address of now, not by that of the mount.
    leader.run(f"gshare leader ro {LEASED} --path {SHARE}")
    assert not result(follower, MOUNT)["changed"]
    told = gone_after(follower, MOUNT, "LEADER_READONLY", leader)
    assert f"leader rw {LEASED} " in told["fix"], told


def test_large_packets_are_dropped(share):
    leader, follower = share
    follower.run(UNMOUNT)
    drop = "INPUT -p tcp --dport 2049 -m length --length 280:65535 -j DROP"
    leader.run(f"iptables -I {drop}")
    # The first one may get as far as its write test.
    tries = (finding(follower, f"{MOUNT} --timeout 15", "MOUNT_TIMEOUT") for _ in range(3))
    told = next(filter(None, tries))
    assert f"ping -M do -s 1472 -c 3 {LEADER}" in told["fix"], told
    leader.run(f"iptables -D {drop}")
    mount(follower)


def test_mounts_below_the_share(share):
    _, follower = share
    below = f"{SHARE}/files/cache"
    follower.run(f"mkdir -p {below} && mount -t tmpfs none {below} && mkdir {below}/in")
    follower.run(f"mount -t tmpfs none {below}/in")
    told = gone_after(follower, f"{UNMOUNT} --dry-run", "MOUNT_BUSY")
    assert told["fix"].startswith(f"first: sudo umount {below}/in && sudo umount {below}; "), told
    follower.run(UNMOUNT)


def test_the_share_has_lost_its_id(share):
    leader, follower = share
    follower.run(UNMOUNT)
    for lost in ("rm", "truncate -s 0"):
        leader.run(f"cp {SHARE}/.gshare-id /root/id && {lost} {SHARE}/.gshare-id")
        told = finding(follower, MOUNT, "ID_DIFFERS")
        seen = run_fix(told["fix"], follower, leader, check=False)
        assert printed(seen, "ID_MISSING" if lost == "rm" else "ID_BROKEN"), seen
        if lost == "rm":
            leader.run(f"cp /root/id {SHARE}/.gshare-id")
    # With the new id comes what the follower has to run.
    made = run_fix(printed(seen, "ID_BROKEN"), leader, timeout=90).out
    follower.run(made.partition("run:\n")[2].partition("\n")[0], timeout=40)
    assert result(follower, STATUS)["ok"]


def test_what_was_exported_by_hand_is_closed(leader, follower):
    line = f"{SHARE} {FOLLOWER}(rw,sync,no_subtree_check)"
    leader.run(f"mkdir -p {SHARE} && chmod 700 {SHARE}; echo '{line}' >/etc/exports; exportfs -ra")
    told = finding(follower, MOUNT, "EXPORT_UNCLEAR")
    seen = run_fix(told["fix"], follower, leader, which=1, check=False)
    assert f"share {SHARE} " in seen.out, seen
    follower.run("touch /mnt/afile")
    told = finding(follower, f"{MOUNT} /mnt/afile --export {SHARE}", "TARGET_NOT_DIR")
    assert "TARGET" in told["fix"], told


def test_each_directory_that_is_named_is_mended(leader, follower):
    init(leader, f"--squash root --owner ubuntu --follower {FOLLOWER}")
    leader.run("echo Y >/proc/fs/nfsd/v4_end_grace", check=False)
    mount(follower)
    verify = "gshare verify --as 999"
    told = finding(follower, verify, "VERIFY_LESS")
    for which in range(told["text"].count(f"{SHARE}/")):
        run_fix(told["fix"], follower, leader, which=which)
    await_in(follower, f"{verify} >/dev/null")
    assert not finding(follower, verify, "VERIFY_LESS")
