# SPDX-License-Identifier: GPL-2.0-or-later
"""doctor, where all is well and the machines themselves are unusual: nothing false is told."""

import pytest
from lab.ganesha import Ganesha
from lab.lab import LEADER
from lab.lone import Lone
from lab.scene import FOLLOWER, SHARE, init, mount, result, run_fix

DOCTOR = "gshare doctor --timeout 20"  # as in test_doctor
TREE, AT = "/srv/d", "/mnt/w"
V6, OWN6 = "fd00:18::13", "fd00:18::8"
APPLIANCE = f"{LEADER.rpartition('.')[0]}.60"


def well(guest, words="", told=()):
    """Assert that nothing is wrong, and nothing but what is told is warned of."""
    shown = result(guest, f"{DOCTOR} {words}", timeout=40)
    ids = {found["id"] for found in shown["findings"] if found["severity"] != "note"}
    assert shown["cause"] is None and ids == set(told), shown
    assert [case for case in shown["cases"] if case["id"] is None], shown


def named(guest, cause):
    """Return the fix of a cause; nothing else is one."""
    shown = result(guest, DOCTOR, 3, timeout=40)
    assert shown["cause"] == cause, shown
    return shown["findings"][0]["fix"]


@pytest.fixture
def six(leader, follower):
    """No node has an IPv4 address."""
    for guest, addr, own in ((leader, V6, LEADER), (follower, OWN6, FOLLOWER)):
        guest.run(f"ip addr add {addr}/64 dev vec0 nodad; ip addr del {own}/24 dev vec0")
    leader.run(f"ip6tables -I INPUT -p tcp --dport 2049 -s {OWN6} -j ACCEPT")
    yield leader, follower
    follower.run("umount -a -f -l -t nfs4", check=False)
    for guest, addr, own in ((leader, V6, LEADER), (follower, OWN6, FOLLOWER)):
        guest.run(f"ip addr add {own}/24 dev vec0; ip addr del {addr}/64 dev vec0")


@pytest.mark.server("running")
def test_ipv6_only(six):
    leader, follower = six
    init(leader, f"--follower {OWN6}")
    mount(follower, V6)
    well(leader)
    well(follower)
    well(follower, V6)


def test_no_systemd(request):
    """A leader that mounts its own export, and whose programs somebody starts by hand."""
    with Lone(request.config.getoption("--stage")) as lone:
        lone.run(f"mkdir -p {TREE} {AT}; chown 1000 {TREE}; echo '{TREE} 127.0.0.1"
                 "(rw,subtree_check)' >/etc/exports; exportfs -ra; modprobe nfsv4")
        lone.run(f"mount -t nfs4 127.0.0.1:{TREE} {AT}", timeout=60)
        well(lone)
        lone.run(f"umount {AT}; pkill -x rpc.mountd")
        run_fix(named(lone, "MOUNTD_DEAD"), lone)
        well(lone)
        lone.run("rpc.nfsd 0; pkill -x rpc.mountd")
        run_fix(named(lone, "SERVER_DOWN"), lone)
        well(lone)


@pytest.fixture
def appliance(lab):
    """A server that gshare knows nothing of, and that lets the follower in."""
    server = Ganesha(lab.net, APPLIANCE, SHARE, FOLLOWER)
    yield APPLIANCE
    server.close()


def test_an_appliance(follower, follower2, appliance):
    well(follower, appliance)
    mount(follower, f"{appliance} --export {SHARE}")
    well(follower)
    follower.run("gshare follower unmount --forget")
    follower.run(f"mkdir -p {AT}; mount -t nfs4 {appliance}:{SHARE} {AT}")
    well(follower)
    follower.run(f"umount {AT}; mount -t nfs4 -o vers=4.1,soft {appliance}:/ {AT}")
    well(follower)
    follower.run(f"umount {AT}")
    # Whom it does not list sees the way to the share, and an empty directory in its place: as one
    # whose users may not enter.
    assert result(follower2, f"{DOCTOR} {appliance}", 3)["cause"] == "EXPORT_UNCLEAR"
