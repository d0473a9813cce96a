# SPDX-License-Identifier: GPL-2.0-or-later
"""Causes: a server that cannot be reached is told apart, and what is printed mends it."""

import pytest
from lab import fixes as record
from lab.lab import LEADER
from lab.scene import (
    FOLLOWER,
    SHARE,
    as_user,
    await_in,
    await_writer,
    gone_after,
    hold,
    init,
    kill_mountd,
    mount,
    nfsd_threads,
)

PORT = "-p tcp --dport 2049"
LOOK = f"gshare follower mount -n {LEADER}"
V6, OWN6 = "fd00:77::22", "fd00:77::32"
LOOK6 = f"gshare follower mount -n {V6}"


def said(follower, command=LOOK):
    """Return what a command says that fails."""
    done = follower.run(command, check=False, timeout=20)
    assert done.status, done
    return done.out + done.err


def fixes(text):
    """Return the commands of the first fix, and the node of the first; None: this one."""
    parts = record.parts(record.told("", text)[0][1])
    found = [(node, command) for node, _, command in parts if command]
    return found[0][0] if found else None, [command for _, command in found]


def mends(follower, nodes, cause, which=0, text="", command=LOOK):
    """Assert that the cause is named, and that its fix, run as printed on its node, ends it."""
    seen = said(follower, command)
    assert cause in seen and text in seen, seen
    node, commands = fixes(seen)
    nodes[node].run(record.runs(nodes[node], commands[which]), timeout=60)
    assert cause not in said(follower, command), commands


@pytest.fixture
def six(leader, follower):
    """Both nodes have an IPv6 address, too."""
    for guest, addr in ((leader, V6), (follower, OWN6)):
        guest.run(f"ip -6 addr replace {addr}/64 dev vec0 nodad")
        record.RECORD.guests[addr] = guest
    yield
    for guest, addr in ((leader, V6), (follower, OWN6)):
        guest.run(f"ip -6 addr del {addr}/64 dev vec0")
        del record.RECORD.guests[addr]


@pytest.fixture
def firewalld(leader):
    """The leader's firewall is firewalld; its zone rejects as that of nftables does."""
    leader.run("iptables -F INPUT; iptables -P INPUT ACCEPT; iptables -P FORWARD ACCEPT")
    leader.run("sed -i s/^DefaultZone=.*/DefaultZone=block/ /etc/firewalld/firewalld.conf")
    leader.run("systemctl --quiet unmask dbus.service dbus.socket")
    leader.run("systemctl start dbus.socket firewalld", timeout=60)
    await_in(leader, "{ iptables -S INPUT; ip6tables -S INPUT; } | grep -c prohibited | grep -q 2")
    yield
    leader.run("systemctl stop firewalld dbus.socket dbus.service", timeout=60)


@pytest.mark.server("running")
def test_firewalls_and_routes_are_told_apart(leader, follower, six):
    """Whose firewall it is, and how it says no: REJECT, DROP, or a route."""
    nodes = {None: follower, LEADER: leader, V6: leader}
    lets_in = f"iptables -D INPUT -p tcp -s {FOLLOWER} --dport 2049 -j ACCEPT"
    lets_out = f"iptables -D OUTPUT -p tcp -d {LEADER} --dport 2049 -j ACCEPT"
    silent = "iptables -{} INPUT -p icmp -j DROP; iptables -{} INPUT -p tcp --dport 22 -j DROP"
    for how, cause, which in (
        ("REJECT --reject-with icmp-admin-prohibited", "PORT_REJECTED", 1),
        ("REJECT --reject-with icmp-port-unreachable", "PORT_REJECTED", 0),
        ("DROP", "HOST_NOT_RESPONDING", 1),
        ("DROP", "PORT_FILTERED", 1),
    ):
        if cause == "HOST_NOT_RESPONDING":
            leader.run(silent.format("I", "I"))
        leader.run(f"iptables -I INPUT {PORT} -j {how}")
        mends(follower, nodes, cause, which)
        leader.run(f"{lets_in}; iptables -D INPUT {PORT} -j {how}")
        if cause == "HOST_NOT_RESPONDING":
            leader.run(silent.format("D", "D"))
    for guest, chain, how, cause, which in (
        (leader, "INPUT", "REJECT", "PORT_REJECTED", 0),
        (leader, "INPUT", "DROP", "PORT_FILTERED", 1),
        (follower, "OUTPUT", "REJECT", "OWN_FIREWALL", 0),
    ):
        guest.run(f"ip6tables -I {chain} {PORT} -j {how}")
        mends(follower, nodes, cause, which, command=LOOK6)
        guest.run(f"ip6tables -F {chain}")
    for how in ("REJECT", "REJECT --reject-with icmp-admin-prohibited", "DROP"):
        follower.run(f"iptables -I OUTPUT {PORT} -j {how}")
        mends(follower, nodes, "OWN_FIREWALL")
        follower.run(f"{lets_out}; iptables -D OUTPUT {PORT} -j {how}")
    for kind in ("prohibit", "unreachable", "blackhole"):
        follower.run(f"ip route add {kind} {LEADER}")
        told = said(follower)
        shown = follower.run(fixes(told)[1][0], check=False).out.strip()
        follower.run(f"ip route del {kind} {LEADER}")
        assert "ROUTE_BLOCKED" in told and shown == f"{kind} {LEADER}", (told, shown)


@pytest.mark.server("running")
def test_a_stopped_server_is_started(leader, follower):
    """Refused: the server is stopped; init would make a share where there is one already."""
    init(leader)
    mount(follower)
    leader.run("systemctl stop nfs-server")
    told = said(follower, "gshare follower status")
    assert "PORT_REFUSED" in told and "gshare leader init --follower" in told, told
    node, commands = fixes(told)
    assert node == LEADER
    env = said(follower, "gshare env follower")
    assert "SERVER_NOT_RESPONDING" in env and fixes(env) == (node, commands), (env, told)
    for command in commands:
        leader.run(record.runs(leader, command), timeout=90)
    await_in(follower, "gshare follower status", 120)


@pytest.mark.server("running")
def test_firewalld_on_the_leader(leader, follower, six, firewalld):
    """What the follower prints lets it in at once, and still when firewalld reads its files."""
    leader.run(f"gshare leader init --follower {FOLLOWER} --no-firewall")
    nodes = {LEADER: leader, V6: leader}
    mends(follower, nodes, "PORT_REJECTED", text="firewall-cmd", command=LOOK6)
    gone_after(follower, LOOK, "PORT_REJECTED", leader)
    leader.run("firewall-cmd --reload", timeout=60)
    assert "PORT_REJECTED" not in said(follower, LOOK6)
    mount(follower)


@pytest.mark.server("running")
def test_mountd_is_started_and_nfsd_stays(leader, follower):
    """`systemctl restart nfs-mountd` would restart nfsd, and followers would wait."""
    init(leader)
    before = nfsd_threads(leader)
    kill_mountd(leader)
    told = said(leader, "gshare leader status")
    assert "MOUNTD_DEAD" in told, told
    leader.run(fixes(told)[1][0], timeout=60)
    leader.run("gshare leader status")
    assert nfsd_threads(leader) == before
    mount(follower)


@pytest.mark.server("running")
def test_ufw_on_both_nodes(leader, follower):
    """`ufw enable`: a leader's status says so, and init of the next follower; a follower, too."""
    nodes = {None: follower, LEADER: leader}
    init(leader)
    leader.run("iptables -F INPUT; iptables -P INPUT ACCEPT")
    for guest in (leader, follower):
        guest.run("chmod a+x /usr/sbin/ufw")
    own = follower.start("ufw default deny outgoing; ufw --force enable")
    leader.run("ufw --force enable", timeout=120)
    own.wait(timeout=120)
    told = said(leader, "gshare leader status")
    assert "FIREWALL_CLOSED" in told and "not healthy" in told, told
    mends(follower, nodes, "OWN_FIREWALL", which=1)
    seen = said(follower)
    assert "HOST_NOT_RESPONDING" in seen and "sudo ufw allow" in fixes(seen)[1][0], seen
    follower.run("iptables -I OUTPUT -p icmp -j ACCEPT")
    gone_after(follower, LOOK, "PORT_FILTERED", leader)
    follower.run("iptables -D OUTPUT -p icmp -j ACCEPT")
    leader.run("gshare leader status")
    mount(follower)
    leader.run(f"ufw delete allow from {FOLLOWER} to any port 2049 proto tcp", timeout=60)
    seen, env = said(follower, "gshare follower status"), said(follower, "gshare env follower")
    assert "HOST_NOT_RESPONDING" in seen, seen
    assert "SERVER_NOT_RESPONDING" in env and fixes(env) == fixes(seen), (env, seen)
    leader.run(record.runs(leader, fixes(env)[1][0]), timeout=60)
    follower.run("gshare env follower")
    # A reset knows no rules of ip6tables, and none of a follower.
    off = [guest.start("ufw --force disable") for guest in (leader, follower)]
    for job in off:
        job.wait(timeout=60)
    for guest in (leader, follower):
        guest.run("chmod a-x /usr/sbin/ufw")
    leader.run(f"iptables -I INPUT {PORT} -j DROP")
    gone_after(follower, "gshare env follower", "SERVER_NOT_RESPONDING", leader, which=1)


@pytest.mark.server("running")
def test_a_signal_rolls_back_at_once(leader, follower):
    """SIGTERM while a switch waits for open files: told, and nothing is left for a later run."""
    init(leader)
    mount(follower)
    writer = hold(follower, f"exec 3>{SHARE}/files/open; echo x >&3; sleep 60")
    await_writer(leader, "open")
    before = leader.run("cat /etc/exports; exportfs -s").out
    job = leader.start(f"exec gshare leader ro {FOLLOWER}")
    await_in(leader, "ls /var/lib/gshare/2.jsonl >/dev/null 2>&1")
    leader.run("pkill -TERM -x gshare")
    done = job.wait(timeout=10, check=False)
    assert done.status == 1 and "interrupted by SIGTERM" in done.err, done
    assert "nothing was changed" in done.err, done
    assert leader.run("cat /etc/exports; exportfs -s").out == before
    assert "rolled back" in leader.run("gshare history").out
    writer.stop()


def test_a_dry_run_without_sudo_has_the_same_owner(leader):
    """An ordinary user's dry run shows the plan of their sudo, not that of root at a console."""
    words = f"gshare leader init --dry-run --follower {FOLLOWER}"
    alone = leader.run(as_user(1000, words)).out
    with_sudo = leader.run(f"su ubuntu -c 'sudo {words}'").out
    owners = [line for line in alone.splitlines() if " owner " in line]
    assert owners and "ubuntu" in owners[0], alone
    assert owners == [line for line in with_sudo.splitlines() if " owner " in line], with_sudo
