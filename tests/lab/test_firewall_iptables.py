# SPDX-License-Identifier: GPL-2.0-or-later
"""Plain iptables that drop: who is kept out is told, and let in where the administrator says so."""

import pytest

from lab.lab import LEADER
from lab.scene import FOLLOWER, SHARE, gone_after, init

RULES = "/etc/iptables/rules.v4"
OTHER = "192.168.18.77"
PERSISTENT = "/usr/local/lib/lab/persistent"
UNIT = "netfilter-persistent"
OWN = (
    f"-A INPUT -s {FOLLOWER}/32 -p tcp -m tcp --dport 2049"
    f' -m comment --comment "gshare {SHARE}" -j ACCEPT\n'
)
KNOCK = """python3 -c '
import socket
knock = socket.socket()
knock.settimeout(%d)
knock.bind(("%s", 0))
knock.connect(("%s", 2049))'"""


@pytest.fixture
def persistent(leader):
    """The leader has netfilter-persistent, whose package keeps what is loaded: a drop."""
    leader.run("iptables -D INPUT -p tcp --dport 2049 -j ACCEPT")
    install = f"DEBIAN_FRONTEND=noninteractive dpkg --force-breaks --install {PERSISTENT}/*.deb"
    leader.run(f"{install} && sync", timeout=120)
    yield leader
    leader.run(f"dpkg --purge iptables-persistent {UNIT}", timeout=120)
    leader.run("! ls /etc/iptables")
    leader.run("modprobe -r ip6table_filter", check=False)  # which rules.v6 had loaded


def gets_in(follower, address=FOLLOWER, seconds=8):
    """Tell whether a real connection from that address of the follower is made."""
    return follower.run(KNOCK % (seconds, address, LEADER), check=False).status == 0


def is_out(follower, address=FOLLOWER):
    """Tell whether none is made for as long as a busy machine needs at most."""
    return not gets_in(follower, address, 2)


def close(leader):
    """Drop what the lab lets in for all, and keep that for a boot, oddly spaced."""
    leader.run("iptables -D INPUT -p tcp --dport 2049 -j ACCEPT; mkdir -p /etc/iptables")
    leader.run(f"(echo '# by hand'; iptables-save; echo; echo '#  end') >{RULES}")
    return leader.get(RULES)


def loaded(leader):
    """Return the rules of INPUT, in order."""
    return [line for line in leader.run("iptables -S INPUT").out.splitlines(keepends=True)]


def test_plain_iptables(leader, follower):
    before, rules = close(leader), loaded(leader)
    follower.run(f"ip addr replace {OTHER}/24 dev vec0")
    done = init(leader)
    assert "FIREWALL_CLOSED" in done.out and is_out(follower)
    assert leader.get(RULES) == before and loaded(leader) == rules

    told = gone_after(leader, "gshare leader status", "FIREWALL_CLOSED")
    assert "chain INPUT: policy drop" in told["text"] and "--firewall iptables" in told["fix"]
    assert gets_in(follower) and is_out(follower, OTHER)
    assert leader.get(RULES) == before.replace("-A INPUT", OWN + "-A INPUT", 1)
    assert loaded(leader) == rules[:1] + [OWN] + rules[1:]
    again = leader.run(f"gshare leader add {FOLLOWER} --firewall iptables")
    assert "nothing to do" in again.out, again

    # What netfilter-persistent does at a boot, or when it is reloaded.
    leader.run(f"iptables -F; iptables-restore <{RULES}")
    assert gets_in(follower) and loaded(leader) == rules[:1] + [OWN] + rules[1:]

    leader.run(f"gshare leader remove {FOLLOWER}")
    assert leader.get(RULES) == before and loaded(leader) == rules and is_out(follower)
    leader.run("gshare undo --yes")
    assert gets_in(follower) and OWN in leader.get(RULES)
    leader.run("gshare leader destroy --yes")
    assert leader.get(RULES) == before and loaded(leader) == rules and is_out(follower)


def test_a_boot_loads_the_rule(persistent, follower):
    leader, before = persistent, persistent.get(RULES)
    follower.run(f"ip addr replace {OTHER}/24 dev vec0")
    init(leader, f"--follower {FOLLOWER} --firewall iptables")
    rules = loaded(leader)
    assert leader.get(RULES) == before.replace("-A INPUT", OWN + "-A INPUT", 1)
    leader.reboot()
    leader.run(f"systemctl is-enabled {UNIT} && systemctl is-active {UNIT}")
    assert gets_in(follower) and is_out(follower, OTHER) and loaded(leader) == rules
    leader.run(f"gshare leader remove {FOLLOWER}")
    leader.reboot()
    assert leader.get(RULES) == before and loaded(leader) == rules[:1] + rules[2:]
    assert is_out(follower)


def test_iptables_without_a_file(leader, follower):
    close(leader)
    leader.run(f"rm {RULES}; iptables -I INPUT 1 -s {FOLLOWER} -j REJECT")
    rules = loaded(leader)
    done = init(leader, f"--follower {FOLLOWER} --firewall iptables")
    assert "FIREWALL_NOT_KEPT" in done.out and gets_in(follower), done
    leader.run("gshare undo --yes")
    assert loaded(leader) == rules and is_out(follower)
