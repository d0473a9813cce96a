# SPDX-License-Identifier: GPL-2.0-or-later
"""The leader's firewall: who reaches its NFS port is shown by packets, not by rules."""

import re

import pytest

from lab.lab import LEADER
from lab.scene import FOLLOWER, await_in, gone_after, init, mount, result, run_fix

STRANGER = "192.168.18.200"  # another address of the follower's
NET = "192.168.18.192/27"  # which has that one
V6, OWN6 = "fd00:18::13", "fd00:18::8"
UFW = ("/etc/ufw/user.rules", "/etc/ufw/user6.rules")
SAME = "/etc/ufw/ufw.conf /etc/default/ufw /etc/ufw/before.rules /etc/ufw/after.rules"
TAG = "gshare /mnt/data/shared"
STATUS = "gshare leader status"
OPEN = "iptables -F INPUT; iptables -P INPUT ACCEPT; iptables -P FORWARD ACCEPT"
ALLOW = "allow from {} to any port 2049 proto tcp"
# Who has an address is asked by packets of its own, which a busy guest may be late to answer: only
# that, no route to the host after 3 s, is tried again.
CONNECT = """python3 -c '
import errno, socket, sys, time
end = time.monotonic() + int(sys.argv[3])
while True:
    left = end - time.monotonic()
    try:
        socket.create_connection((sys.argv[1], 2049), max(left, 0.1), (sys.argv[2], 0))
        break
    except OSError as why:
        if why.errno != errno.EHOSTUNREACH or left <= 0:
            sys.exit("%s after %.1f s" % (why, int(sys.argv[3]) - left))' {} {} {}"""
NODES = []
PATIENT_S = 8
SEEN = "ip -6 addr show dev vec0; ip -6 neigh; ip6tables -nvL ufw6-user-input; cat /proc/net/tcp6"


@pytest.fixture(autouse=True)
def addresses(leader, follower):
    """Both nodes have an IPv6 address, and the follower a second one."""
    added = [(leader, f"{V6}/64"), (follower, f"{OWN6}/64"), (follower, f"{STRANGER}/24")]
    for guest, address in added:
        guest.run(f"ip addr add {address} dev vec0 {'nodad' if ':' in address else ''}")
    # Nobody has to ask for these: a busy leader was seen to answer no solicitation for 8 s.
    known = (leader, follower, OWN6), (follower, leader, V6)
    for guest, other, address in known:
        link = other.run("cat /sys/class/net/vec0/address").out.strip()
        guest.run(f"ip neigh replace {address} lladdr {link} nud permanent dev vec0")
    NODES[:] = leader, follower
    yield
    for guest, address in added:
        guest.run(f"ip addr del {address} dev vec0", check=False)
    for guest, _, address in known:
        guest.run(f"ip neigh del {address} dev vec0", check=False)


@pytest.fixture
def ufw(leader):
    """The leader has ufw, which is not enabled; a reset knows no rules of ip6tables."""
    leader.run(f"chmod a+x /usr/sbin/ufw; {OPEN}")
    yield leader
    leader.run("ufw --force disable; chmod a-x /usr/sbin/ufw", timeout=90)


@pytest.fixture
def firewalld(leader):
    """The leader's firewall is firewalld."""
    leader.run(f"{OPEN}; systemctl --quiet unmask dbus.service dbus.socket")
    leader.run("systemctl start dbus.socket firewalld", timeout=60)
    await_in(leader, "firewall-cmd --state")
    yield leader
    leader.run("systemctl stop firewalld dbus.socket dbus.service", timeout=60)


def reaches(follower, own=FOLLOWER, seconds=PATIENT_S):
    """Does a connection from this address of the follower's reach nfsd?"""
    to = V6 if ":" in own else LEADER
    done = follower.run(CONNECT.format(to, own, seconds), check=False)
    print(f"from {own}: {done.err.strip() or 'reached'}")
    if done.status and seconds == PATIENT_S:  # for who reads why it failed
        print(*(guest.run(SEEN, check=False).out for guest in NODES), sep="\n")
    return done.status == 0


def is_out(follower, own=FOLLOWER):
    """Is nothing heard of nfsd for as long as a machine that is busy needs at most?"""
    return not reaches(follower, own, 2)


def others(leader):
    """What ufw keeps, without the rules that have a tag of gshare's."""
    tag = "gshare /".encode().hex()
    text = "".join(leader.get(path) for path in UFW)
    rest = re.sub(rf"### tuple ###.*{tag}.*\n.*\n\n", "", text)
    return leader.run(f"sha256sum {SAME}").out + rest


def tags(leader):
    """The hosts and tags of gshare's rules, in the order of ufw."""
    return [
        (host, bytes.fromhex(tag).decode())
        for path in UFW
        for host, tag in re.findall(r"any (\S+) in comment=(67736861\S+)", leader.get(path))
    ]


@pytest.mark.server("running")
def test_ufw_opens_to_followers_alone(leader, follower, ufw):
    """Not enabled, enabled, after a boot; IPv6, a network, a second share, and all the way back."""
    leader.run("ufw allow 22/tcp; ufw allow from 10.9.0.0/16 comment lan", timeout=60)
    before = others(leader)
    assert "+ firewall  ufw (inactive): 2049/tcp" in init(leader).out
    assert "ENABLED=no" in leader.get("/etc/ufw/ufw.conf") and others(leader) == before
    assert tags(leader) == [(FOLLOWER, TAG)]
    leader.run("ufw --force enable", timeout=120)
    before = others(leader)
    assert reaches(follower) and is_out(follower, STRANGER) and is_out(follower, OWN6)
    leader.run(f"gshare leader add {OWN6} {NET}", timeout=60)
    assert reaches(follower, OWN6) and reaches(follower, STRANGER)
    assert "nothing to do" in leader.run("gshare leader init", timeout=60).out
    shown = [f["firewall"] for f in result(leader, f"{STATUS} --json")["shares"][0]["followers"]]
    assert shown == ["open"] * 3 and others(leader) == before
    leader.run(f"gshare leader remove {NET} {OWN6}", timeout=60)
    assert is_out(follower, OWN6) and is_out(follower, STRANGER) and reaches(follower)
    leader.run("gshare undo", timeout=60)
    assert reaches(follower, STRANGER) and tags(leader)[1:] == [(NET, TAG), (OWN6, TAG)]
    leader.run(f"gshare leader init /srv/x --follower {NET}", timeout=60)
    leader.run(f"gshare leader remove {NET} --path /mnt/data/shared", timeout=60)
    assert tags(leader)[1] == (NET, "gshare /srv/x") and reaches(follower, STRANGER)
    leader.run("gshare leader destroy --path /srv/x --yes", timeout=60)
    leader.reboot()
    await_in(leader, "systemctl is-active ufw", 60)
    leader.run("iptables -D INPUT -p tcp --dport 2049 -j ACCEPT")  # the lab's own, of a boot
    assert reaches(follower) and is_out(follower, STRANGER)
    mount(follower)
    follower.run("gshare follower unmount --forget")
    leader.run("gshare leader destroy --yes", timeout=60)
    assert is_out(follower) and tags(leader) == [] and others(leader) == before


@pytest.mark.server("running")
def test_ufw_denies_before(leader, follower, ufw):
    """A rule of others that comes first is named; each fix that is printed opens the port."""
    leader.run(f"ufw deny from {FOLLOWER}; ufw deny from {STRANGER}", timeout=60)
    told = init(leader)
    assert "(FIREWALL_DENIED)" in told.out + told.err and tags(leader) == []
    leader.run("ufw --force enable", timeout=120)
    before = others(leader)
    gone_after(leader, STATUS, "FIREWALL_DENIED")
    assert reaches(follower) and others(leader) == before
    leader.run("gshare undo", timeout=60)
    assert is_out(follower) and tags(leader) == [] and others(leader) == before
    leader.run(f"gshare leader remove {FOLLOWER}", timeout=60)
    leader.run(f"ufw {ALLOW.format(STRANGER)}", timeout=60)
    leader.run(f"gshare leader add {STRANGER}", timeout=60)
    gone_after(leader, STATUS, "FIREWALL_DENIED")
    assert reaches(follower, STRANGER) and tags(leader) == []
    leader.run(f"ufw delete {ALLOW.format(STRANGER)}; ufw delete deny from {STRANGER}", timeout=60)
    gone_after(leader, STATUS, "FIREWALL_CLOSED")
    assert reaches(follower, STRANGER)
    leader.run(f"iptables -D ufw-user-input -s {STRANGER} -p tcp --dport 2049 -j ACCEPT")
    gone_after(leader, STATUS, "FIREWALL_NOT_LOADED")
    assert reaches(follower, STRANGER)


@pytest.mark.server("running")
def test_firewalld_opens_to_followers_alone(leader, follower, firewalld):
    """Running and permanent; in the zone that is bound to the source; with consent, before."""
    init(leader, f"--follower {FOLLOWER}")
    leader.run("firewall-cmd --reload", timeout=60)
    assert reaches(follower) and is_out(follower, STRANGER) and is_out(follower, OWN6)
    leader.run(f"gshare leader add {OWN6}", timeout=90)
    leader.run("systemctl --quiet enable firewalld dbus.socket && sync")
    leader.reboot()
    await_in(leader, "firewall-cmd --state", 90)
    # The lab's own, of a boot.
    leader.run("iptables -D INPUT -p tcp --dport 2049 -j ACCEPT", check=False)
    leader.run(f"ip addr add {V6}/64 dev vec0 nodad")
    assert reaches(follower) and reaches(follower, OWN6) and is_out(follower, STRANGER)
    leader.run(f"gshare leader remove {OWN6}", timeout=90)
    assert reaches(follower) and is_out(follower, OWN6)
    bind = f"firewall-cmd --zone=work --add-source={STRANGER}"
    leader.run(
        f"{bind}; firewall-cmd --zone=work "
        f"--add-rich-rule='rule family=ipv4 source address={STRANGER} drop'",
        timeout=60,
    )
    told = leader.run(f"gshare leader add {STRANGER}", timeout=90)
    (line,) = [text for text in (told.out + told.err).splitlines() if "(FIREWALL_DENIED)" in text]
    assert "drop" in line and is_out(follower, STRANGER)
    run_fix(f"sudo gshare leader add {STRANGER} --path /mnt/data/shared --firewall-first", leader)
    assert reaches(follower, STRANGER)
    shown = result(leader, f"{STATUS} --json --timeout 30")["shares"][0]["followers"]
    assert [f["firewall"] for f in shown] == ["open", "open"]
    leader.run("gshare leader destroy --yes", timeout=90)
    assert is_out(follower) and is_out(follower, STRANGER)
    left = leader.run("firewall-cmd --list-all-zones; cat /etc/firewalld/zones/*.xml").out
    assert "gshare" not in left
