# SPDX-License-Identifier: GPL-2.0-or-later
"""Peers: whatever listens where the leader should be, the answer comes soon and leaves nothing."""

import pytest
from lab.lab import LEADER
from lab.peer import Peers
from lab.scene import FOLLOWER, FOLLOWER2, SHARE, await_in, gone_after, init, mount, settled

SOON_S = 5
NET = LEADER.rpartition(".")[0]
NOBODY = f"{NET}.99"
REFUSES = f"{NET}.100"
KINDS = {
    "silent": f"{NET}.101",
    "garbage": f"{NET}.102",
    "drip": f"{NET}.103",
    "closes": f"{NET}.104",
    "null-silent": f"{NET}.105",
    "null-garbage": f"{NET}.106",
    "null-drip": f"{NET}.107",
    "null-closes": f"{NET}.108",
    "null-late": f"{NET}.109",
    "refuses-4.0": f"{NET}.110",
}

# Words of the command line, the cause that is named, what helps.
ROWS = (
    (NOBODY, "HOST_NOT_RESPONDING", f"check the address {NOBODY}"),
    (FOLLOWER2, "PORT_FILTERED", f"on {FOLLOWER2} run: sudo ufw allow from {FOLLOWER} to any"),
    (REFUSES, "PORT_REFUSED", f"on {REFUSES} run: sudo systemctl start nfs-server"),
    (KINDS["silent"], "RPC_TIMEOUT", "which program that is"),
    (KINDS["garbage"], "RPC_GARBAGE", "which program that is"),
    (KINDS["drip"], "RPC_SLOW", "which program that is"),
    (KINDS["closes"], "RPC_CLOSED", "which program that is"),
    (KINDS["null-silent"], "NFS_UNREACHABLE", "systemctl status nfs-server"),
    (KINDS["null-garbage"], "NFS_GARBAGE", "which program listens there"),
    (KINDS["null-drip"], "NFS_UNREACHABLE", "systemctl status nfs-server"),
    (KINDS["null-closes"], "NFS_UNREACHABLE", "systemctl status nfs-server"),
    (KINDS["null-late"], "NFS_UNREACHABLE", "systemctl status nfs-server"),
    (KINDS["refuses-4.0"], "NFS_UNREACHABLE", "systemctl status nfs-server"),
    (f"{KINDS['null-silent']} --export {SHARE}", "NFS_UNREACHABLE", "systemctl status nfs-server"),
    (f"{KINDS['null-drip']} --export {SHARE}", "NFS_UNREACHABLE", "systemctl status nfs-server"),
    (f"{KINDS['null-garbage']} --export {SHARE}", "NFS_GARBAGE", "which program listens there"),
    (
        f"{LEADER} --export /srv/other",
        "EXPORT_ABSENT",
        f"leader add {FOLLOWER} --path /srv/other",
    ),
)
NOTHING = ((LEADER, "NOT_EXPORTED", f"on {LEADER} run: sudo gshare leader add {FOLLOWER}"),)

# What a command could leave behind, but for the lock's empty file. The processes by name, since one
# in a kernel wait has no argv.
LEFT = """
cat /proc/self/mountinfo
sha256sum /etc/fstab
stat -c '%i %Y %Z' /etc/fstab
ls -A /mnt /srv /var/lib/gshare 2>&1
find /run /tmp /var/tmp /var/lib/nfs -xdev -iname '*gshare*' -not -path /run/gshare -not -path '*/systemd/*'
ps -eo comm= | grep -e '^gshare$' -e mount.nfs
true
"""


@pytest.fixture
def peers(lab, leader, follower2):
    """All kinds of peers, and a host whose firewall drops what comes to the port."""
    lab.net.add_address(REFUSES)
    drop = "INPUT -p tcp --dport 2049 -j DROP"
    follower2.run(f"iptables -I {drop}")
    found = Peers(lab.net, KINDS)
    yield leader
    found.close()
    follower2.run(f"iptables -D {drop}")


def refused(follower, rows):
    """Run every row; print what each took, and return the rows that did not go as they should."""
    before = follower.run(LEFT).out
    wrong = []
    for words, cause, mend in rows:
        # The time is the guest's own, around the command alone.
        script = f"TIMEFORMAT=%R; {{ time gshare follower mount {words} 2>/tmp/said; }} 2>/tmp/took"
        script += "; echo $?; cat /tmp/took /tmp/said >&2; rm /tmp/took /tmp/said"
        done = follower.run(script)
        took, _, said = done.err.partition("\n")
        print(f"{float(took):6.2f} s  {cause:20} {words}")
        fine = done.out == "1\n" and f"({cause})" in said and float(took) < SOON_S
        if not (fine and "\n  fix     " in said and mend in said and "nothing was changed" in said):
            wrong.append((words, cause, took, done.out, said))
        if follower.run(LEFT).out != before:
            wrong.append((words, "left something", follower.run(LEFT).out, before))
    return wrong


@pytest.mark.server("running")
def test_each_ends_soon_and_leaves_nothing(peers, follower):
    """One scene for all, since each is to leave it as it was."""
    assert refused(follower, NOTHING) == []
    peers.run("mkdir -p /srv/theirs")
    init(peers, f"/srv/theirs --follower {FOLLOWER}")
    assert refused(follower, ROWS) == []


MOUNTD = "$(rpcinfo -p | awk '$1 == 100005 && $2 == 3 && $3 == \"tcp\" {print $4; exit}')"


def let_in(leader, port):
    """Open a port of the leader's firewall, which lets in 2049/tcp alone."""
    leader.run(f"iptables -I INPUT -p tcp --dport {port} -j ACCEPT")


@pytest.mark.server("running")
def test_others_are_named_where_mountd_can_be_asked(leader, follower):
    """Extra evidence: what hides it changes neither the cause nor the time."""
    init(leader, f"--follower {FOLLOWER2}")
    add = f"on {LEADER} run: sudo gshare leader add {FOLLOWER}"
    rows = ((LEADER, "NOT_EXPORTED", add), (f"{LEADER} --export {SHARE}", "EXPORT_ABSENT", add))
    for port, is_told in ((None, False), (111, False), (MOUNTD, True)):
        if port:
            let_in(leader, port)
        assert refused(follower, rows) == []
        told = follower.run(f"gshare follower mount {LEADER}", check=False).err
        assert (f"it is exported to: {FOLLOWER2}" in told) == is_told, told
    words = f"{LEADER} --export {SHARE}"
    gone_after(follower, f"gshare follower mount {words}", "EXPORT_ABSENT", leader)


@pytest.mark.server("running")
def test_a_share_for_another_address_of_ours(leader, follower):
    """A node with two networks is told by which address the leader sees it."""
    init(leader, "--follower 10.77.0.8")
    let_in(leader, 111)
    let_in(leader, MOUNTD)
    follower.run("ip link add two type dummy && ip link set two up")
    follower.run("ip addr add 10.77.0.8/24 dev two")
    add = f"on {LEADER} run: sudo gshare leader add {FOLLOWER}"
    assert refused(follower, ((LEADER, "EXPORT_OTHER_ADDRESS", add),)) == []
    gone_after(follower, f"gshare follower mount {LEADER}", "EXPORT_OTHER_ADDRESS", leader)
    follower.run("ip link del two")


def clients(leader):
    """Return what the leader's NFS server knows of its NFSv4 clients."""
    return leader.run("cat /proc/fs/nfsd/clients/*/info 2>/dev/null; true").out


def without(leader, versions):
    """Let the leader's server refuse these versions, as an administrator would."""
    lines = "".join(f"vers{version}=n\n" for version in versions)
    leader.put("/etc/nfs.conf.d/versions.conf", f"[nfsd]\n{lines}")
    leader.run("systemctl restart nfs-server")


@pytest.mark.server("running")
def test_a_look_leaves_no_client_behind(leader, follower):
    """A client that never reclaims would make the next restart wait out the grace period."""
    init(leader)
    told = follower.run(f"gshare follower mount {LEADER} --id 00000000", check=False)
    assert told.status == 1 and "ID_DIFFERS" in told.err, told
    mount(follower, f"--dry-run {LEADER}")
    mount(follower, f"--dry-run {LEADER} --export {SHARE}")
    assert clients(leader) == ""


@pytest.mark.server("running")
def test_a_leader_without_nfs_4_0(leader, follower):
    """Its exports are found by a mount that nobody sees, and that leaves no client either."""
    without(leader, ["4.0"])
    before = follower.run(LEFT).out
    assert refused(follower, NOTHING) == []
    init(leader)
    shown = mount(follower, f"--dry-run {LEADER}")
    assert "share id" in shown.out + shown.err and "4.0" not in shown.out + shown.err, shown
    ordinary = follower.run(
        f"setpriv --reuid 1000 --regid 1000 --clear-groups gshare follower mount -n {LEADER}",
        check=False,
    )
    assert ordinary.status == 1 and "NFS4_MINOR_REFUSED" in ordinary.err, ordinary
    assert "sudo" in ordinary.err
    assert clients(leader) == ""
    assert follower.run(LEFT).out == before
    mount(follower)
    assert "vers=4.2" in follower.run(f"findmnt -no OPTIONS {SHARE}").out
    assert follower.run("grep -c 192.168 /proc/self/mountinfo").out == "1\n"
    assert clients(leader).count("minor version: 2") == 1
    assert "nothing to do" in mount(follower, f"{LEADER} --export {SHARE}").out


def test_a_killed_look_ends_whole(peers, follower):
    """The child that waits in the kernel for a silent server ends with its parent."""
    before = follower.run(LEFT).out
    job = follower.start(f"exec gshare follower mount {KINDS['refuses-4.0']} --timeout 60")
    # Its child has a mount namespace of its own, an instant before it mounts.
    await_in(follower, "[ $(pgrep -x gshare | sed 's|.*|/proc/&/ns/mnt|' | xargs -r readlink "
             "| sort -u | wc -l) = 2 ]")
    follower.run("pkill -KILL -ox gshare")
    job.wait(check=False)
    assert settled(follower, LEFT, before.__eq__) == before
    # Not grep's status: processes that end while it looks make it 2.
    assert follower.run("grep -l 192.168 /proc/[0-9]*/mountinfo", check=False).out == ""
