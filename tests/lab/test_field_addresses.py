# SPDX-License-Identifier: GPL-2.0-or-later
"""Every way to write the leader, with every way to list the follower, from mount to unmount."""

import re

import pytest
from lab.lab import LEADER
from lab.scene import FOLLOWER, SHARE, await_in, result

pytestmark = pytest.mark.server("running")

V6, OWN6 = "fd00:78::13", "fd00:78::8"
LINK, OWN_LINK = "fe80::13", "fe80::8"
# At boot too, before any mount of fstab.
ADDRESS = "/etc/systemd/system/lab-network.service.d/six.conf"
HOSTS = {
    "leader": f"{FOLLOWER} gpu\n{OWN6} gpu\n{OWN_LINK} gpu\n",
    "follower": f"{LEADER} four both\n{V6} six both\n",
}
# How the follower is listed, for both families and the link.
LISTED = {
    "address": f"--follower {FOLLOWER} --follower {OWN6} --follower {OWN_LINK}",
    "network": "--follower 192.168.18.8/30 --follower fd00:78::/64 --follower fe80::/64",
    "name": "--follower gpu",
}
# How the leader is written, and the address families that may serve it.
WRITTEN = {
    LEADER: (LEADER,),
    V6: (V6,),
    f"[{V6}]": (V6,),
    "four": (LEADER,),
    "six": (V6,),
    "both": (LEADER, V6),
    f"{LINK}%vec0": (LINK,),
}


@pytest.fixture
def machines(leader, follower):
    """Leader and follower with an address of each family, and names for them."""
    owned = ((leader, (V6, LINK)), (follower, (OWN6, OWN_LINK)))
    for guest, own in owned:
        adds = [f"ip -6 addr replace {end}/64 dev vec0 nodad" for end in own]
        guest.put(ADDRESS, "\n".join(["[Service]", *(f"ExecStartPost=-/sbin/{add}" for add in adds)]))
        guest.run("; ".join([*adds, "ip6tables -F || true", "systemctl daemon-reload"]))
        guest.run("cat >>/etc/hosts && sync", stdin=HOSTS[guest.name])
    yield leader, follower
    # Before the addresses go: a mount whose server is away would hold the reset up.
    follower.run("umount -a -f -l -t nfs4", check=False)
    for guest, own in owned:
        for end in own:
            guest.run(f"ip -6 addr del {end}/64 dev vec0", check=False)


def share(leader, listed):
    """Export to the follower, by a server that no longer waits for old clients."""
    leader.run(f"SUDO_UID=1000 gshare leader init {LISTED[listed]}", timeout=90)
    leader.run("echo Y >/proc/fs/nfsd/v4_end_grace", check=False)


def check_served(follower, word, target=SHARE):
    """Assert that the share is mounted from a leader that is written so, and works."""
    follower.run(f"touch {target}/files/here && rm {target}/files/here")
    assert not result(follower, f"gshare follower status {target}")["findings"], word
    lines = follower.run(f"gshare env follower --path {target}").out
    assert f"POSTGRES_HOST={word.strip('[]')}\n" in lines, (word, lines)


@pytest.mark.sampled
@pytest.mark.parametrize("listed", LISTED)
def test_every_address_from_mount_to_unmount(machines, listed):
    """One after the other."""
    leader, follower = machines
    share(leader, listed)
    for word in WRITTEN:
        follower.run(f"gshare follower mount '{word}'", timeout=40)
        check_served(follower, word)
        options = re.split(r"[,%\s]", follower.run(f"findmnt -kno OPTIONS {SHARE}").out)
        assert any(f"addr={end}" in options for end in WRITTEN[word]), (word, options)
        follower.run("gshare follower unmount --forget")
        assert f" {SHARE} " not in follower.get("/proc/self/mounts") + follower.get("/etc/fstab")
    assert result(leader, "gshare leader status")["ok"]


def test_all_addresses_at_once_over_a_boot(machines):
    """Each at a place of its own, and they are back by themselves."""
    leader, follower = machines
    share(leader, "name")
    places = {f"/mnt/at{n}": word for n, word in enumerate(WRITTEN)}
    for place, word in places.items():
        follower.run(f"gshare follower mount '{word}' {place}", timeout=40)
    follower.reboot()
    for place, word in places.items():
        await_in(follower, f"mountpoint -q {place}")
        check_served(follower, word, place)
    for place in places:
        follower.run(f"gshare follower unmount {place} --forget")
    assert "/mnt/at" not in follower.get("/proc/self/mounts") + follower.get("/etc/fstab")
    assert result(leader, "gshare leader status")["ok"]
