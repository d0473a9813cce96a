# SPDX-License-Identifier: GPL-2.0-or-later
"""doctor: what is broken on purpose is named first, its fix run, and all is well again.

A row breaks one thing, in two ways where there are two. The rows of a scene follow each other on
one pair of nodes: each has to leave them as it found them.
"""

import json

import pytest
from lab.faults import ON_FOLLOWER, ON_LEADER
from lab.lab import LEADER
from lab.scene import FOLLOWER, SHARE, finding, init, mount, result, run_fix

DOCTOR = "gshare doctor --timeout 20"  # a guest is some times slower than a machine, and shares it

# The same, and meanwhile everybody gets in.
EXPOSED = (
    ("EXPORTS_CLIENT_BLANK", f"sed -i 's/{FOLLOWER}(/{FOLLOWER} (/' /etc/exports"),
    ("EXPORTS_CLIENT_BLANK", f"sed -i 's/{FOLLOWER}(/{FOLLOWER}\\t(/' /etc/exports; exportfs -ra"),
)


def well(guest):
    """Assert that doctor finds nothing that fails, with a line for what there is."""
    shown = result(guest, DOCTOR, timeout=30)
    assert shown["cause"] is None, shown
    assert [case for case in shown["cases"] if case["id"] is None], shown
    return shown


def named(guest, cause, how):
    """Assert that doctor names the cause first; its finding."""
    done = guest.run(DOCTOR, check=False, timeout=30)
    assert done.status == 3 and f"cause: {cause}\n" in done.out, (how, done)
    shown = result(guest, DOCTOR, 3, timeout=30)
    assert shown["cause"] == cause, (how, shown)
    return next(found for found in shown["findings"] if found["id"] == cause)


def mended(guest, cause, how, *others):
    """Run what mends the cause, and what then is in its place: two fixes at most."""
    run_fix(named(guest, cause, how)["fix"], guest, *others)
    shown = json.loads(guest.run(f"{DOCTOR} --json", check=False, timeout=30).out)
    if shown["cause"]:
        run_fix(shown["findings"][0]["fix"], guest, *others)
    well(guest)


@pytest.mark.server("running")
def test_causes_on_the_leader(leader, follower):
    init(leader)
    mount(follower)
    well(leader)
    assert result(leader, f"{DOCTOR} {SHARE}")["cases"][0]["place"] == SHARE
    result(leader, f"{DOCTOR} /srv", 3)
    for cause, how, *_ in ON_LEADER:
        leader.run(how)
        mended(leader, cause, how, follower)
    well(follower)


@pytest.mark.invited
@pytest.mark.server("running")
def test_causes_that_let_everybody_in(leader, follower):
    init(leader)
    for cause, how in EXPOSED:
        leader.run(how)
        mended(leader, cause, how, follower)


@pytest.mark.server("running")
def test_causes_on_the_follower(leader, follower):
    init(leader)
    mount(follower)
    well(follower)
    assert result(follower, f"{DOCTOR} {SHARE}")["cases"][0]["place"] == SHARE
    for cause, node, how in ON_FOLLOWER:
        {"leader": leader, "follower": follower}[node].run(how)
        mended(follower, cause, how, leader)


@pytest.mark.server("running")
def test_before_anything_is_set_up(leader, follower):
    """On neither node is a share; a look at the leader says what is missing there."""
    for guest in (leader, follower):
        well(guest)
    shown = result(follower, f"{DOCTOR} {LEADER}", 3)
    assert shown["cause"] == "NOT_EXPORTED", shown
    init(leader)
    assert result(follower, f"{DOCTOR} {LEADER}")["cause"] is None


@pytest.mark.invited
@pytest.mark.server("running")
def test_the_guide_to_the_letter(leader, follower):
    """Exports and a mount that somebody has made by hand are looked at as gshare's own are."""
    leader.run(f"mkdir -p {SHARE}; echo '{SHARE} {FOLLOWER} (rw,sync,no_subtree_check)' "
               ">>/etc/exports; exportfs -ra")
    follower.run(f"mkdir -p {SHARE}; mount -t nfs {LEADER}:{SHARE} {SHARE}")
    told = finding(follower, DOCTOR, "LEADER_READONLY")
    assert told and f"gshare leader rw {FOLLOWER}" in told["fix"], told
    run_fix(named(leader, "EXPORTS_CLIENT_BLANK", "the guide")["fix"], leader)
    assert finding(follower, DOCTOR, "LEADER_READONLY") is None


# What gshare mends by itself; where it is broken, and how.
MENDED = (
    ("follower", "NOT_MOUNTED", f"umount {SHARE}"),
    ("leader", "NOT_ACTIVE", f"exportfs -u {FOLLOWER}:{SHARE}"),
)


@pytest.mark.server("running")
def test_fixes_that_are_made(leader, follower):
    """--fix: the plan first, a question, a run that undo knows; what is others' stays so."""
    init(leader)
    mount(follower)
    for name, cause, how in MENDED:
        guest = {"leader": leader, "follower": follower}[name]
        runs = guest.run("gshare history").out
        guest.run(how)
        shown = guest.run(f"{DOCTOR} --fix --dry-run", check=False, timeout=60)
        assert shown.status == 3 and f"cause: {cause}\n" in shown.out, shown
        assert "plan of: sudo gshare " in shown.out and "dry run" in shown.out, shown
        refused = guest.run(f"{DOCTOR} --fix", check=False, timeout=60)
        assert refused.status == 2 and "--fix --yes" in refused.err, refused
        named(guest, cause, how)
        done = json.loads(guest.run(f"{DOCTOR} --fix --yes --json", timeout=60).out)
        assert done["cause"] is None and [fix["status"] for fix in done["fixes"]] == [0], done
        assert guest.run("gshare history").out != runs
        well(guest)
    # Somebody else's program: named as before, and nothing is run.
    leader.run("systemctl stop nfs-server")
    done = leader.run(f"{DOCTOR} --fix --yes", check=False, timeout=30)
    assert done.status == 3 and "sudo systemctl start nfs-server" in done.out, done
    assert "gshare alone can fix nothing of this" in done.out, done
    # A user without root has no port that the leader takes, and may change nothing.
    leader.run(f"systemctl start nfs-server; exportfs -u {FOLLOWER}:{SHARE}")
    follower.run(f"umount -l {SHARE}")
    user = f"setpriv --reuid 1001 --clear-groups --regid 1001 {DOCTOR}"
    denied = leader.run(f"{user} --fix --yes", check=False, timeout=30)
    assert denied.status == 4 and "run it with sudo" in denied.err, denied
    # Without D-Bus, systemctl tells a user of units by their files alone.
    leader.run("exportfs -ra; systemctl disable nfs-server")
    seen = leader.run(user, check=False, timeout=30)
    assert "SERVER_NOT_ENABLED" in seen.out and "sudo systemctl enable nfs-server" in seen.out, seen
    seen = follower.run(user, check=False, timeout=30)
    assert "cause: NFS_PERM\n" in seen.out and "run it with sudo" in seen.out, seen


@pytest.mark.server("running")
def test_an_entry_of_others(leader, follower):
    """Written by hand in fstab, and not mounted: named, with the cause, and the command of theirs."""
    leader.run("mkdir -p /srv/d; chown 1000:1000 /srv/d; "
               f"echo '/srv/d {FOLLOWER}(rw,subtree_check)' >/etc/exports; exportfs -ra")
    follower.run(f"mkdir -p /mnt/w; echo '{LEADER}:/srv/d /mnt/w nfs4 defaults,_netdev 0 0' "
                 ">>/etc/fstab")
    told = named(follower, "NOT_MOUNTED", "not yet mounted")
    assert told["fix"] == "sudo mount /mnt/w" and "line " in told["text"], told
    run_fix(told["fix"], follower)
    well(follower)
    follower.run("umount /mnt/w")
    leader.run(f"exportfs -u {FOLLOWER}:/srv/d")
    run_fix(named(follower, "EXPORT_ABSENT", "no longer exported")["fix"], follower, leader)
    mended(follower, "NOT_MOUNTED", "exported again", leader)
    follower.run("umount /mnt/w")
    leader.run("rpc.nfsd 0")
    assert named(follower, "PORT_REFUSED", "no server")["fix"].startswith(f"on {LEADER} run: ")
    # A blank among the options, and mount(8) takes nothing of it.
    follower.run("sed -i 's/defaults,_netdev/rw, _netdev/' /etc/fstab")
    assert "sudo findmnt --verify" in named(follower, "FSTAB_LINE_IGNORED", "a blank")["fix"]
    follower.run("sed -i 's/rw, _netdev/defaults,_netdev/' /etc/fstab")
    # On demand, and not at boot: as it is meant.
    follower.run("sed -i 's/defaults,_netdev/noauto,_netdev/' /etc/fstab")
    assert "/mnt/w  not mounted: line " in follower.run(DOCTOR).out


@pytest.mark.server("running")
def test_many_silent_servers(leader, follower):
    """They cost a share that is there neither its time nor its verdict."""
    init(leader)
    mount(follower)
    lines = [f"192.168.18.{i}:/srv/x /mnt/silent{i} nfs4 _netdev 0 0" for i in range(100, 116)]
    follower.run("cat >>/etc/fstab", stdin="\n".join([*lines, ""]))
    shown = json.loads(follower.run(f"{DOCTOR} --json", check=False, timeout=30).out)
    share = [case for case in shown["cases"] if case["place"] == SHARE]
    assert [case["id"] for case in share] == [None], share
    assert shown["cause"] in ("HOST_NOT_RESPONDING", "HOST_DOWN"), shown["cause"]
    silent = {case["place"] for case in shown["cases"] if case["id"] == "NOT_MOUNTED"}
    assert silent == {line.split()[1] for line in lines}, silent
    # One that is there, and exports to others: what follows from silence does not hold for it.
    follower.run("sed -i '/silent/d' /etc/fstab")
    follower.run(f"mkdir /mnt/w; echo '{LEADER}:/srv/w /mnt/w nfs4 _netdev 0 0' >>/etc/fstab")
    assert named(follower, "EXPORT_ABSENT", "of others")["text"]
