# SPDX-License-Identifier: GPL-2.0-or-later
"""Peer states: what can become of a leader that a follower knows, each made and unmade.

A state is a context manager over the scene: leader, follower, follower2 and their network.
"""

import contextlib
import functools

from lab.lab import LEADER
from lab.peer import Peers
from lab.scene import FOLLOWER, SHARE

NAME = "leader"  # in the guests' /etc/hosts
SILENT_DNS = f"{LEADER.rpartition('.')[0]}.99"  # nobody has this address
END_GRACE = "echo Y >/proc/fs/nfsd/v4_end_grace || true"  # EBUSY: it is over
FLUSH = "for c in /proc/net/rpc/*/flush; do date -d '1 minute' +%s >$c; done"
WRITER = f"while :; do dd if=/dev/zero of={SHARE}/files/w bs=64k count=16 conv=fsync; done"
UNKNOWN = "ip neigh flush all"  # who has which address


def state(steps):
    """Make a context manager of what yields once; it is unmade whatever happens meanwhile."""

    @contextlib.contextmanager
    def managed(*words):
        under_way = steps(*words)
        next(under_way)
        try:
            yield
        finally:
            next(under_way, None)

    return managed


@state
def up(_):
    """Nothing is wrong."""
    yield


@state
def nobody(scene):
    """The leader is off the network."""
    scene.leader.silence()
    yield
    scene.leader.unsilence()


@state
def firewall(verdict, scene):
    """The leader's firewall lets in 2049/tcp no longer, and port 22 shows that it is alive."""
    rules = (f"INPUT -p tcp --dport 2049 -j {verdict}", "INPUT -p tcp --dport 22 -j ACCEPT")
    for rule in rules:
        scene.leader.run(f"iptables -I {rule}")
    yield
    for rule in rules:
        scene.leader.run(f"iptables -D {rule}")


dropped = functools.partial(firewall, "DROP")
refused = functools.partial(firewall, "REJECT --reject-with tcp-reset")


@state
def dropped_in_mid_write(scene):
    """Packets are lost while a program on the follower writes and syncs."""
    with scene.writer(), dropped(scene):
        yield


@state
def impostor(kind, scene):
    """Something else has the leader's address: connections are reset, and then it answers."""
    scene.leader.silence()
    peers = Peers(scene.net, {kind: LEADER})
    scene.follower.run(UNKNOWN)
    yield
    peers.close()
    scene.net.remove_address(LEADER)
    scene.leader.unsilence()
    scene.follower.run(UNKNOWN)


@state
def reset_in_mid_stream(scene):
    """Every connection is reset in the middle of what is said, while somebody writes."""
    with scene.writer(), impostor("resets", scene):
        yield


@state
def no_threads(scene):
    """The server was stopped by an administrator's rpc.nfsd 0."""
    scene.leader.run("rpc.nfsd 0")
    yield
    scene.leader.run("rpc.nfsd 8")


@state
def in_grace(scene):
    """The server was started again, and another follower that it knows does not come back."""
    # Known again, should the last grace have forgotten it; a connection that found nobody for half
    # a minute comes back after as long again.
    scene.follower2.run(f"stat -f {SHARE}", timeout=150)
    scene.follower2.silence()
    scene.leader.run("rpc.nfsd 0; rpc.nfsd 8")
    yield
    scene.leader.run(END_GRACE)
    scene.follower2.unsilence()


@state
def before_the_mount(make, scene):
    """What comes about while the share is not mounted."""
    scene.follower.run("gshare follower unmount")
    with make(scene):
        yield


@state
def mountd_dead(scene):
    """Nobody tells the server any more what is exported to whom."""
    scene.leader.run(f"pkill -9 -x rpc.mountd; {FLUSH}")
    yield
    # A server is bound to its mountd, and is started again, too: both are waited for.
    scene.leader.run("systemctl restart nfs-mountd nfs-server")


@state
def export_removed(scene):
    """The share is exported to this follower no longer."""
    scene.leader.run(f"exportfs -u {FOLLOWER}:{SHARE}; exportfs -f")
    yield
    scene.leader.run("exportfs -ra")


@state
def switched_to_ro(scene):
    """The leader gives it read-only from now on."""
    scene.leader.run(f"gshare leader ro {FOLLOWER}")
    yield
    scene.leader.run(f"gshare leader rw {FOLLOWER}")


@state
def full(scene):
    """There is no room in the share."""
    scene.leader.run(f"cat /dev/zero >{SHARE}/fill", check=False)
    yield
    scene.leader.run(f"rm {SHARE}/fill")


@state
def far_and_lossy(scene):
    """What the leader says takes 2 s, and a fifth of it is lost."""
    link = "$(ip -o route get 192.168.18.8 | sed 's/.* dev \\([^ ]*\\).*/\\1/')"
    scene.leader.run(f"modprobe sch_netem; tc qdisc add dev {link} root netem delay 2s loss 20%")
    yield
    scene.leader.run(f"tc qdisc del dev {link} root")


@state
def name_server_silent(scene):
    """The share was mounted by a name that nobody can resolve any more."""
    scene.mount_anew(NAME)
    scene.follower.put("/etc/resolv.conf", f"nameserver {SILENT_DNS}\n")
    scene.follower.run(f"cp /etc/hosts /tmp/hosts; sed -i '/ {NAME}$/d;/\t{NAME}$/d' /etc/hosts")
    yield
    scene.follower.run("cat /tmp/hosts >/etc/hosts; rm /tmp/hosts")
    scene.follower.put("/etc/resolv.conf", "nameserver 127.0.0.1\n")
    scene.leader_word = LEADER


@state
def rebooted(scene):
    """The leader lost its power and is back, with its followers' state reclaimed."""
    scene.leader.run("sync")
    scene.leader.reboot()
    scene.leader.run(END_GRACE)
    yield

