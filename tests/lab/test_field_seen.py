# SPDX-License-Identifier: GPL-2.0-or-later
"""A follower and a leader tell what is there: missing exports, twins, several shares."""

import re

import pytest
from lab.lab import LEADER
from lab.scene import FOLLOWER, FOLLOWER2, SHARE, hold, init, mount, result, run_fix

pytestmark = pytest.mark.server("running")

STATUS = "gshare follower status"
MOUNT = f"gshare follower mount {LEADER}"


@pytest.fixture
def share(leader, follower):
    """A share that the follower may mount, with a server that no longer waits for old clients."""
    init(leader)
    leader.run("echo Y >/proc/fs/nfsd/v4_end_grace", check=False)
    return leader, follower


def findings(guest, command, status=0):
    return {f["id"]: f for f in result(guest, command, status)["findings"]}


def listed(guest, command, ident):
    """Return what is known by mountd's list alone: it has a second, a busy guest needs more."""
    for _ in range(5):
        told = findings(guest, command, 1)
        if ident in told:
            return told[ident]
    raise AssertionError(told)


def command_in(fix):
    """Return the first command of a fix."""
    return fix[fix.index("sudo ") :].split("; ")[0]


def test_an_exported_directory_that_is_missing(share):
    leader, follower = share
    leader.run(f"rm -r {SHARE}")
    # Port 2049 alone: nothing tells the directory above from an export.
    told = findings(follower, MOUNT, 1)["EXPORT_UNCLEAR"]
    assert "PATH_MISSING" in leader.run(command_in(told["fix"]), check=False).out
    leader.run("iptables -I INPUT -j ACCEPT")
    told = listed(follower, MOUNT, "PATH_MISSING")
    assert listed(follower, f"{MOUNT} --export {SHARE}", "PATH_MISSING") == told
    above = listed(follower, f"{MOUNT} --export /mnt/data", "EXPORT_ABSENT")
    assert above["fix"] == f"sudo {MOUNT} --export {SHARE}"
    assert "/mnt" not in follower.get("/etc/fstab")
    # The command for the leader names what mends it.
    assert told["fix"].startswith(f"on {LEADER} run: ")
    look = command_in(told["fix"]).removeprefix("sudo ")
    leader.run(findings(leader, look, 3)["PATH_MISSING"]["fix"], timeout=60)
    run_fix(above["fix"], follower)
    assert "PATH_MISSING" not in findings(follower, MOUNT)
    assert "connections  1\n" in follower.run(STATUS).out
    # A connection that was lost is one that was made again; a first one is not.
    leader.run("systemctl restart nfs-server; echo Y >/proc/fs/nfsd/v4_end_grace", check=False)
    follower.run(f"ls {SHARE}/datasets")
    assert re.search(r"connections  1 \(reconnected \d times?\)\n", follower.run(STATUS).out)
    # The share at a second place: everything is shown, and what needs one says by which words.
    follower.run(f"{MOUNT} /mnt/second", timeout=40)
    for command in ("gshare", "gshare status", STATUS):
        shown = result(follower, command)
        assert [m["path"] for m in shown["mounts"]] == [SHARE, "/mnt/second"]
        assert shown["shares"] == [] and all(m["mount"]["state"] == "fine" for m in shown["mounts"])
    text = follower.run("gshare").out
    assert text.count("healthy\n") == 2 and "status  /mnt/second\n" in text
    refused = findings(follower, "gshare env follower", 1)["SHARE_AMBIGUOUS"]
    assert "NODE_TYPE=follower" in follower.run(command_in(refused["fix"])).out
    assert result(leader, "gshare")["shares"][0]["path"] == SHARE


IDENTITY = "/sys/module/nfs/parameters/nfs4_unique_id"


@pytest.fixture
def twins(leader, follower, follower2):
    """Two followers of one host name, which have both mounted the share."""
    init(leader, f"--follower {FOLLOWER} --follower {FOLLOWER2}")
    leader.run("echo Y >/proc/fs/nfsd/v4_end_grace", check=False)
    names = [guest.run("hostname").out.strip() for guest in (follower, follower2)]
    for guest in (follower, follower2):
        guest.run("hostname twin")
        mount(guest)
    yield leader, follower, follower2
    for guest, name in zip((follower, follower2), names, strict=True):
        guest.run(f"hostname {name}; echo >{IDENTITY}", check=False)


def test_two_nodes_of_one_name(twins):
    leader, follower, follower2 = twins
    look, told = "gshare leader status", {"CLIENT_ID_SHARED", "CLIENT_HIDDEN"}
    for _ in range(4):
        for guest in (follower, follower2):
            guest.run(f"date >{SHARE}/files/{guest.name}")
    assert told & set(findings(leader, look))
    # What the other has open nobody can see: that is no reason to call it nothing.
    jobs = [hold(guest, f"exec sleep 60 >{SHARE}/files/x") for guest in (follower, follower2)]
    for host in (FOLLOWER, FOLLOWER2):
        refused = result(leader, f"gshare leader ro {host} --drain 1", 1)
        assert refused["findings"][0]["id"] in {"CLIENT_HIDDEN", "FILES_OPEN"}, refused
        assert not refused["changed"]
        run_fix(refused["findings"][0]["fix"], leader)
        assert result(leader, f"gshare leader rw {host}")["changed"]
    for job in jobs:
        job.stop()
    seen = findings(follower, STATUS)["CLIENT_ID_SHARED"]
    follower.run(seen["fix"], timeout=60)
    assert "CLIENT_ID_SHARED" not in findings(follower, STATUS)
    follower2.run(f"date >{SHARE}/files/{follower2.name}")
    assert not told & set(findings(leader, look))
    shown = leader.run(look).out
    assert shown.count("(twin, NFS 4.2)") == 2, shown
    assert result(leader, f"gshare leader ro {FOLLOWER} --drain 1")["changed"]
