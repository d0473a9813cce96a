# SPDX-License-Identifier: GPL-2.0-or-later
"""doctor --peer: what no node knows alone shows by the report of the other, and is mended."""

import json

import pytest
from lab.lab import LEADER
from lab.scene import FOLLOWER, SHARE, await_in, init, mount, result, run_fix

DOCTOR = "gshare doctor --timeout 20"  # a guest is some times slower than a machine, and shares it
OTHER = "192.168.18.14"  # another address of the leader, for a while


def compare(guest, other):
    """Return what doctor says on a guest, given the report of the other one."""
    report = other.run(f"{DOCTOR} --peer-report").out
    assert report.startswith("gshare-report 1\nnode ") and len(report) <= 65536
    guest.put("/run/peer", report)
    done = guest.run(f"{DOCTOR} --peer /run/peer --json", check=False, timeout=40)
    piped = guest.run(f"{DOCTOR} --peer - </run/peer", check=False, timeout=40)
    shown = json.loads(done.out)
    assert done.status == piped.status == shown["status"], (done, piped)
    return shown


def agree(guest, other):
    """Assert that the two nodes fit together, by what doctor says on a guest."""
    shown = compare(guest, other)
    assert shown["cause"] is None and not shown["findings"], shown
    assert any(f"report of {other.name}" in case["text"] for case in shown["cases"]), shown


def named(guest, other, ident):
    """Return the fix of the finding that only both nodes together show."""
    alone = json.loads(guest.run(f"{DOCTOR} --json", check=False, timeout=40).out)
    assert ident not in [found["id"] for found in alone["findings"]], alone
    shown = compare(guest, other)
    return next(found["fix"] for found in shown["findings"] if found["id"] == ident)


@pytest.mark.server("running")
def test_reports_of_two_nodes(leader, follower):
    init(leader)
    mount(follower)
    for guest, other in ((leader, follower), (follower, leader)):
        agree(guest, other)
    # Not a report, cut short, changed, its own: refused, with the line.
    report = leader.run(f"{DOCTOR} --peer-report").out
    for text in ("", report[:-2], report.replace("1500", "9000"), report * 200):
        follower.put("/run/peer", text)
        refused = result(follower, f"{DOCTOR} --peer /run/peer", 1)
        assert refused["findings"][0]["id"] == "PEER_REPORT_BAD", refused
        if refused["findings"][0]["fix"]:
            run_fix(refused["findings"][0]["fix"], leader)
    leader.put("/run/peer", report)
    refused = result(leader, f"{DOCTOR} --peer /run/peer", 1)
    assert refused["findings"][0]["id"] == "PEER_REPORT_OWN", refused
    run_fix(refused["findings"][0]["fix"], follower)
    # One end of the link takes longer packets than the other.
    for guest, other in ((leader, follower), (follower, leader)):
        follower.run("ip link set dev vec0 mtu 1400")
        run_fix(named(guest, other, "PEER_MTU_DIFFERS"), guest, other)
        agree(guest, other)
        for node in (leader, follower):
            node.run("ip link set dev vec0 mtu 1500")
    # The leader was told another address; the follower looks before it has mounted anything.
    follower.run("gshare follower unmount --forget")
    leader.run(f"sed -i 's/{FOLLOWER}(/192.168.18.77(/' /etc/exports; exportfs -ra")
    run_fix(named(follower, leader, "NOT_EXPORTED"), follower, leader)
    agree(follower, leader)
    # The address by which the share is mounted goes to nobody.
    leader.run(f"ip addr add {OTHER}/24 dev vec0")
    mount(follower, OTHER)
    agree(follower, leader)
    leader.run(f"ip addr del {OTHER}/24 dev vec0")
    run_fix(named(follower, leader, "PEER_SERVER_DIFFERS"), follower, leader)
    assert follower.run(f"findmnt -no SOURCE {SHARE}").out == f"{LEADER}:{SHARE}\n"
    for guest, other in ((leader, follower), (follower, leader)):
        agree(guest, other)


@pytest.fixture
def way(lab, leader, follower):
    """What is between the nodes: lose(True) loses what is sent to the leader's NFS port."""
    init(leader)
    mount(follower)
    yield lambda lost: lab.net.lose(f"ip daddr {LEADER} tcp dport 2049" if lost else None)
    lab.net.lose(None)


@pytest.mark.server("running")
def test_packets_that_are_lost_between_two_nodes(leader, follower, way):
    way(True)
    for guest, other in ((follower, leader), (leader, follower)):
        assert "let tcp port 2049 from" in named(guest, other, "LOST_BETWEEN")
        shown = compare(guest, other)
        assert shown["cause"] == "LOST_BETWEEN", shown
    way(False)
    await_in(follower, f"timeout -s KILL 3 stat -f {SHARE}", 60)
    for guest, other in ((follower, leader), (leader, follower)):
        agree(guest, other)


@pytest.mark.server("running")
def test_the_firewall_of_the_other_node(leader, follower, way):
    follower.run("gshare follower unmount --forget")
    leader.run(f"iptables-save >/run/iptables; iptables -I INPUT -p tcp -s {FOLLOWER} -j DROP")
    told = named(follower, leader, "PEER_FIREWALL")
    seen = run_fix(told, follower, leader, check=False)
    assert "FIREWALL_" in seen.out and f"-s {FOLLOWER}" in seen.out, seen
    leader.run("iptables-restore </run/iptables")
    agree(follower, leader)
