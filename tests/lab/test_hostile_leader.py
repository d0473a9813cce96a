# SPDX-License-Identifier: GPL-2.0-or-later
"""A leader that would choose where a follower mounts it: a server's word names no local place."""

import re
import shlex
from contextlib import contextmanager

import pytest
from lab.lab import LEADER
from lab.scene import FOLLOWER, init, managed, mount

pytestmark = [pytest.mark.server("running"), pytest.mark.siege]

# Where this node would run or read what the leader put there.
PLACES = [
    "/var/lib/cloud/scripts/per-boot",
    "/home/alice/.local/bin",
    "/home/alice",
    "/home/user1",
    "/home/user1/.ssh",
    "/home/ubuntu/datasets",
    "/etc/cron.d",
    "/etc/profile.d",
    "/etc/systemd/system/x.service.d",
    "/opt/x",
    "/root/x",
    "/root/.ssh",
    "/usr/local/bin",
    "/usr/local/lib/python3.11/dist-packages",
    "/var/spool/cron/crontabs",
    "/var/lib/x",
    "/var/www/html",
    "/lib/x",
    "/snap/bin",
    "/export/x",
    "/boot/x",
    "/mnt/.x",
    "/srv/.local/bin",
    "/data/a/.git/hooks",
    "/media",
]
# What would end a word of the command that is printed, and begin another.
ODD = [
    "/srv/a b#$(id)';touch x;",
    '/srv/"a"',
    "/srv/$(touch /run/owned)",
    "/srv/`touch /run/owned`",
    "/srv/a;touch /run/owned;",
    "/srv/a && touch /run/owned && x",
    "/srv/*",
]
FIX = re.compile(r"^ +fix +(sudo gshare follower mount .*)$", re.MULTILINE)
# Everything below / that a run may make; what the kernel and systemd change by themselves is not.
TREE = "find / -xdev -newer /run/before ! -path '/run*' ! -path '/var/l*' ! -path '/tmp*' -print"


def export(leader, path):
    """Export one directory to the follower, as somebody with a hand of their own would."""
    client = shlex.quote(f"{FOLLOWER}:{path}")
    leader.run(
        f"exportfs -ua; mkdir -p {shlex.quote(path)}; "
        f"exportfs -i -o rw,no_root_squash,no_subtree_check,fsid=7 {client}; exportfs -f",
        timeout=40,
    )


def as_printed(follower, command, **more):
    """Run a command as it was printed; the guests have no sudo, and need none."""
    return follower.run(f"sudo() {{ \"$@\"; }}; cd /run; {command}", timeout=40, **more)


@contextmanager
def nothing_changes(follower):
    """Look through the whole tree, which takes seconds: once for several commands."""
    follower.run("touch /run/before; sleep 0.02")
    before = managed(follower)
    yield
    assert managed(follower) == before
    assert follower.run(TREE).out == ""


def refused_command(follower, words=LEADER):
    """Mount without TARGET, which is refused; return the command that is printed instead."""
    refused = follower.run(f"SUDO_UID=1001 gshare follower mount {words}", check=False, timeout=40)
    assert refused.status == 1 and "TARGET_UNNAMED" in refused.err, refused
    return FIX.search(refused.err).group(1)


# In a row, all of them: a reset between them would take ten times as long as they do.
@pytest.mark.invited
def test_a_leader_names_no_place(leader, follower):
    with nothing_changes(follower):
        for path in PLACES:
            export(leader, path)
            command = refused_command(follower)
            assert command == f"sudo gshare follower mount {LEADER} /mnt/data/shared"
    as_printed(follower, command)
    assert follower.run("findmnt -n -o SOURCE /mnt/data/shared").out == f"{LEADER}:{path}\n"


@pytest.mark.invited
def test_a_path_ends_no_word(leader, follower):
    commands = {}
    with nothing_changes(follower):
        for path in ODD:
            export(leader, path)
            commands[path] = refused_command(follower, f"{LEADER} --export {shlex.quote(path)}")
            assert shlex.split(commands[path])[-1] == path
    for path, command in commands.items():
        export(leader, path)
        as_printed(follower, command)
        follower.run("! ls /run/owned /run/x 2>/dev/null")
        mounted = follower.run("findmnt -n -o SOURCE /mnt/data/shared").out
        assert mounted.startswith(f"{LEADER}:/srv/"), mounted
        follower.run("gshare follower unmount /mnt/data/shared --forget", timeout=40)


def test_what_the_leader_prints_is_pasted(leader, follower):
    leader.run("useradd -m user1 2>/dev/null; mkdir -p /home/user1/datasets", check=False)
    told = init(leader, f"/home/user1/datasets --follower {FOLLOWER}").out
    command = re.search(r"sudo gshare follower mount .*", told).group(0)
    assert " /home/user1/datasets --export /home/user1/datasets --id " in command
    untyped = command.replace(" /home/user1/datasets --export", " --export", 1)
    with nothing_changes(follower):
        printed = refused_command(follower, untyped.removeprefix("sudo gshare follower mount "))
    assert "/mnt/data/shared --export /home/user1/datasets --id" in printed
    done = as_printed(follower, f"SUDO_UID=1001 {command}", check=False)
    assert done.status == 0, done
    again = mount(follower, f"{LEADER} /home/user1/datasets")
    assert "nothing to do" in again.out
    as_printed(follower, printed)
