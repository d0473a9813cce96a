# SPDX-License-Identifier: GPL-2.0-or-later
"""Story: the manual recipe's result, reached with gshare on two guests, as a user would see it.

usage: python3 -m lab.story STAGE    (tests/demo builds the stage and calls this)
"""

import re
import shlex
import sys
import textwrap
import time
from contextlib import contextmanager
from dataclasses import dataclass

from lab.install import install
from lab.lab import Lab

# Freshly installed machines: nothing of NFS, a firewall that denies what comes in, and Docker.
BARE = """
set -e
dpkg --purge nfs-kernel-server nfs-common
iptables -F INPUT
chmod a+x /usr/sbin/ufw
ufw --force enable
/usr/local/lib/lab/docker-on
"""
BARE_S = 180
USERS = {"leader": "ubuntu", "follower": "user1"}
SHARE = "/mnt/data/shared"
BEAT = f"{SHARE}/datasets/beat"
CONTAINER = (
    f"sudo docker run --detach --restart=always --volume {SHARE}:/data box "
    "sh -c 'while :; do date >>/data/datasets/beat; sleep 1; done'"
)
# What the share hides, seen past it.
LOCAL = f"sudo sh -c 'mount --bind / /media; find /media{SHARE} -mindepth 1 | wc -l; umount /media'"
FOREIGN = """\
# media for the office; not gshare's business
/srv/media   10.1.1.0/24(ro,sync,no_subtree_check)
"""
HINT = re.compile(r"^\s*(sudo gshare follower mount .*\S)", re.MULTILINE)
PROMISED = "the command that the leader printed"

COVERAGE = """
How much of the manual recipe did that cover?

  done   directories for the dataset and for PostgreSQL, with owners that can write
  done   the exports entry, checked before it is applied; other exports untouched
  done   starting the server, never restarting one that runs
  done   NFS itself, which neither node had
  done   the port in the firewall, which stays on
  done   mount point, mount, and the mount at every boot, whichever node is first
  done   containers that start once the share is there, and never write to the local disk
  done   verification of the mount: files written, read and removed as each user
  done   the four lines of cluster.env for each node
  done   read-only and read-write switches under live followers, unmounting
"""


@dataclass
class Step:
    """A command that a person types on a node, and what is to come of it."""

    guest: str
    command: str
    status: int = 0
    says: str = ""  # part of the output


@dataclass
class Boot:
    """Power comes back to a node."""

    guest: str


STORY = (
    "Two machines without NFS, each with Docker and with a firewall that denies what comes in.",
    Step("leader", "sudo ufw status verbose", says="deny (incoming)"),
    Step("follower", "/sbin/mount.nfs -V", status=127),
    "The leader's exports file has a line of old. That must stay as it is.",
    Step("leader", "cat /etc/exports", says="/srv/media"),
    "The follower tries too early: nothing is exported to it yet.",
    Step("follower", "sudo gshare follower mount 192.168.18.13", status=1, says="gshare"),
    "One command on the leader. First what it would do, then for real.",
    Step("leader", "sudo gshare leader init --follower 192.168.18.8 --dry-run"),
    Step("leader", "sudo gshare leader init --follower 192.168.18.8", says="192.168.18.8"),
    Step("leader", "cat /etc/exports", says="/srv/media   10.1.1.0/24(ro,sync,no_subtree_check)"),
    Step("leader", "sudo ufw status", says="# gshare /mnt/data/shared"),
    "One command on the follower: the one that the leader printed.",
    Step("follower", PROMISED),
    Step("follower", f"findmnt --output SOURCE,FSTYPE,OPTIONS {SHARE}", says="vers=4.2"),
    "What one node writes, the other reads.",
    Step("follower", f"echo 'nodes, edges' | sudo tee {SHARE}/datasets/graph.csv"),
    Step("leader", f"cat {SHARE}/datasets/graph.csv", says="nodes, edges"),
    Step("leader", f"echo 'from the leader' >{SHARE}/files/note"),
    Step("follower", f"cat {SHARE}/files/note", says="from the leader"),
    Step("follower", f"sudo rm {SHARE}/files/note {SHARE}/datasets/graph.csv"),
    "Proof at any time, for the users that matter.",
    Step("follower", "sudo gshare verify"),
    "Another follower comes and goes.",
    Step("leader", "sudo gshare leader add 192.168.18.9"),
    Step("leader", "sudo gshare leader remove 192.168.18.9"),
    "Twice is once.",
    Step("leader", "sudo gshare leader init --follower 192.168.18.8", says="nothing to do"),
    Step("follower", "sudo gshare follower mount 192.168.18.13", says="nothing to do"),
    "The guide's utilities: read-only and back while it is mounted, a look, unmounting.",
    Step("leader", "sudo gshare leader ro 192.168.18.8", says="rw -> ro"),
    Step("follower", f"sudo touch {SHARE}/files/note", status=1, says="Read-only file system"),
    Step("leader", "sudo gshare leader rw 192.168.18.8", says="ro -> rw"),
    Step("leader", "sudo gshare leader status", says="healthy"),
    Step("follower", "sudo gshare follower status", says="healthy"),
    Step("follower", "sudo gshare follower unmount", says="192.168.18.13"),
    Step("follower", "sudo gshare follower mount 192.168.18.13", says="verified"),
    "A container writes into the share, and is to run for ever.",
    Step("follower", CONTAINER),
    "Both lose power, and the follower is back first: it waits, and nothing is written meanwhile.",
    Boot("follower"),
    Step("follower", "sudo gshare follower status", status=3, says="waits for the leader"),
    Step("follower", "sudo systemctl is-active docker", status=3, says="inactive"),
    Step("follower", f"sudo touch {SHARE}/lost", status=1, says="Operation not permitted"),
    "The leader is back, too: the share is there by itself, and then the container.",
    Boot("leader"),
    Step("leader", f"rm -f {BEAT}; timeout 60 sh -c 'until test -s {BEAT}; do sleep 1; done'"),
    Step("leader", f"cat {BEAT}"),
    Step("follower", "sudo docker ps", says="Up"),
    Step("follower", "sudo gshare verify"),
    "What it wrote is on the leader, and nothing is on the follower's own disk.",
    Step("follower", LOCAL, says="0"),
    "What Graphistry's cluster.env is to hold on each node.",
    Step("leader", "sudo gshare env leader", says="NODE_TYPE=leader"),
    Step("follower", "sudo gshare env follower", says="POSTGRES_HOST=192.168.18.13"),
)


def tell(lab):
    """Act the story out; return how many steps did not go as told."""
    wrong = 0
    hint = None
    for part in STORY:
        if isinstance(part, str):
            print(f"\n# {part}")
            continue
        if isinstance(part, Boot):
            power_on(lab[part.guest], [g for g in lab.guests.values() if g.name != part.guest])
            continue
        command = part.command
        if command == PROMISED:
            if not hint:
                print("UNEXPECTED: the leader printed no command for the follower")
                return wrong + 1
            command = hint
        result = type_in(lab[part.guest], command)
        found = HINT.search(result.out)
        hint = found[1] if found else hint
        if result.status != part.status or part.says not in result.out:
            wanted = f"status {part.status}" + (f" and '{part.says}'" if part.says else "")
            print(f"UNEXPECTED: status {result.status}; expected {wanted}")
            wrong += 1
    return wrong


def power_on(guest, others):
    """Boot a node after a power cut, which ended all that are still up."""
    if guest.is_up:
        for one in (guest, *others):
            one.run("sync")
            one.kill()
    with slow(f"the {guest.name} boots"):
        guest.power_on()
        guest.await_boot()


def type_in(guest, command):
    """Run a command as the node's user would, showing both; stdout and stderr as on a terminal."""
    print(f"{guest.name}$ {command}", flush=True)
    as_user = f"runuser -u {USERS[guest.name]} -- bash -c {shlex.quote(command)} 2>&1"
    result = guest.run(as_user, timeout=180, check=False)
    print(textwrap.indent(result.out, "    "), end="", flush=True)
    return result


@contextmanager
def slow(what):
    """Say what takes a while, and how long it took."""
    print(f"{what} ... ", end="", flush=True)
    began = time.monotonic()
    yield
    print(f"{time.monotonic() - began:.0f} s", flush=True)


def main():
    lab = None
    try:
        with slow("booting a leader and a follower"):
            lab = Lab(["leader", "follower"])
        with slow("installing gshare on both"):
            install(sys.argv[1], lab.guests.values())
        with slow("taking NFS from both, installing Docker, switching their firewalls on"):
            for job in [guest.start(BARE) for guest in lab.guests.values()]:
                job.wait(BARE_S)
            lab["leader"].put("/etc/exports", FOREIGN)
            lab["leader"].run("mkdir /srv/media")
        wrong = tell(lab)
    finally:
        if lab:
            lab.close()
    if not wrong:
        print(COVERAGE, end="")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
