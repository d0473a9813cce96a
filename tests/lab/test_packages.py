# SPDX-License-Identifier: GPL-2.0-or-later
"""Nodes without NFS: its package is installed first; what stops that is told, with its fix."""

import re
import time

import pytest

from lab.lab import LEADER
from lab.scene import (
    FOLLOWER,
    await_in,
    finding,
    gone_after,
    init,
    managed,
    mount,
    printed,
    result,
    run_fix,
)

INIT = f"gshare leader init --follower {FOLLOWER}"
REPOSITORY = "/srv/repository"
LIGHT = "/usr/local/lib/lab/light"
LISTS = "/etc/apt/sources.list"
SILENT = f"""exec python3 -c '
import socket, time
mirror = socket.create_server(("{FOLLOWER}", 80))
time.sleep(600)'"""
LOCK = "/var/lib/dpkg/lock-frontend"
LOCKER = f"""exec python3 -c '
import ctypes, fcntl, time
file = open("{LOCK}", "w")
fcntl.lockf(file, fcntl.LOCK_EX)
ctypes.CDLL(None).prctl(15, b"updater")
time.sleep(%d)'"""


def offer(guest, source, *packages):
    """Make the node's only source of packages this one, which has these."""
    guest.run(f"mkdir -p {REPOSITORY} && cd {REPOSITORY} && rm -f *.deb")
    for package in packages:
        guest.run(f"cp {LIGHT}/{package}.deb {REPOSITORY}/")
    guest.run(f"/usr/local/lib/lab/repository {REPOSITORY}")
    guest.put(LISTS, f"{source}\n")


def refused(guest, command, ident, seconds=60):
    """Run a command that cannot install: that is told by this id; its fix."""
    done = guest.run(command, check=False, timeout=seconds)
    assert done.status == 1 and f"({ident})" in done.err, done
    assert "nothing" in done.err.splitlines()[-1], done
    return printed(done, ident)


def follow(fix, guest, ident=None):
    """Run a fix as it is printed: all is done then, or the next thing that stops it is told."""
    done = run_fix(fix, guest, check=False)
    if ident is None:
        assert done.status == 0, done
        return done
    assert done.status and f"({ident})" in done.err, done
    return printed(done, ident)


def test_both_sides_install_what_they_need(leader, follower):
    removal = follower.start("dpkg --remove nfs-kernel-server nfs-common")
    leader.run("dpkg --purge nfs-kernel-server", timeout=60)
    before = managed(leader)
    shown = result(leader, f"{INIT} --dry-run")
    assert shown["plan"][0]["step"] == "INSTALL" and shown["plan"][0]["path"] == "nfs-kernel-server"
    assert "apt-get --yes" in shown["plan"][0]["command"] and shown["changed"]
    assert "PLANNED_ANEW" in [told["id"] for told in shown["findings"]]
    assert managed(leader) == before
    done = leader.run(f"SUDO_UID=1000 {INIT}", timeout=180)
    stages = [line.rpartition(": ")[2] for line in done.err.splitlines() if "-server: " in line]
    for stage in ("downloading", "unpacking", "configuring"):
        assert stages.count(stage) == 1, done
    # The package brought /etc/exports and a server that runs: the rest was planned with both.
    assert "+ install   nfs-kernel-server" in done.out, done
    # The package enables it, as a rule; else it is gshare that does.
    assert re.search(r"nfs-server (running|enabled at boot), not restarted\n", done.out), done
    leader.run("systemctl is-enabled nfs-server")
    assert "# /etc/exports: the access control list" in leader.get("/etc/exports")
    assert "nothing to do" in init(leader).out
    removal.wait(60)
    done = mount(follower)
    assert "+ install   nfs-common" in done.out and "verified: root wrote" in done.out
    undone = result(leader, "gshare undo --yes")
    assert "PACKAGE_KEPT" in [told["id"] for told in undone["findings"]]
    leader.run("test -x /usr/sbin/exportfs")


def test_what_stops_an_installation_is_told_with_its_fix(leader):
    leader.run("dpkg --remove nfs-kernel-server", timeout=60)
    leader.run(f": >{LISTS}")
    locker = leader.start(LOCKER % 600)
    await_in(leader, "pgrep -x updater")
    fix = refused(leader, f"{INIT} --install-timeout 1", "PACKAGE_LOCKED")
    locker.stop()
    fix = follow(fix, leader, "PACKAGE_NO_REPOSITORY")
    offer(leader, f"deb [trusted=yes] http://{FOLLOWER}:9/ ./")
    fix = follow(fix, leader, "PACKAGE_NO_NETWORK")
    offer(leader, f"deb [trusted=yes] copy:{REPOSITORY} ./")
    leader.run("dpkg-query -s nfs-common >/var/lib/dpkg/updates/0001")
    fix = follow(fix, leader, "PACKAGE_INTERRUPTED")
    leader.put(LISTS, f"deb copy:{REPOSITORY} ./\n")
    fix = follow(fix, leader, "PACKAGE_UNSIGNED")
    leader.put(LISTS, f"deb [trusted=yes] copy:{REPOSITORY} ./\n")
    fix = follow(fix, leader, "PACKAGE_UNKNOWN")
    offer(leader, f"deb [trusted=yes] copy:{REPOSITORY} ./", "nfs-kernel-server")
    leader.run(f"dpkg --unpack {LIGHT}/gap.deb; : >/run/lab-fail")
    leader.run("echo nfs-kernel-server hold | dpkg --set-selections")
    leader.run(
        "mkdir -p /var/cache/apt/archives && cd /var/cache/apt/archives && "
        "mount -t tmpfs -o size=400k tmpfs . && cd . && head -c 390k /dev/zero >x_1_all.deb"
    )
    fix = follow(fix, leader, "PACKAGE_BROKEN")
    fix = follow(fix, leader, "PACKAGE_HELD")
    fix = follow(fix, leader, "PACKAGE_NO_SPACE")
    fix = follow(fix, leader, "PACKAGE_SCRIPT_FAILED")
    leader.run("rm /run/lab-fail")
    assert "verified: " in follow(fix, leader).out
    leader.run("dpkg --remove nfs-kernel-server", timeout=60)
    gone_after(leader, f"{INIT} --no-install --dry-run", "SERVER_MISSING")


@pytest.mark.long
def test_a_mirror_that_accepts_and_says_nothing(leader, follower):
    """apt's own patience ends that, long before the time that an installation may take."""
    leader.run("dpkg --remove nfs-kernel-server", timeout=60)
    offer(leader, f"deb [trusted=yes] http://{FOLLOWER}/ ./")
    mirror = follower.start(SILENT)
    await_in(follower, "ss -Hltn sport = 80 | grep -q .")
    began = time.monotonic()
    fix = refused(leader, INIT, "PACKAGE_NO_NETWORK", 300)
    print(f"a silent mirror was given up after {time.monotonic() - began:.0f} s")
    mirror.stop()
    offer(leader, f"deb [trusted=yes] copy:{REPOSITORY} ./", "nfs-kernel-server")
    assert "verified: " in follow(fix, leader).out


def test_a_lock_is_waited_for_and_a_package_without_its_program_mended(leader, follower):
    init(leader)
    follower.run("rm /sbin/mount.nfs")
    offer(follower, f"deb [trusted=yes] file:{REPOSITORY} ./", "nfs-common")
    follower.run("apt-get -qq update")
    locker = follower.start(LOCKER % 3)
    await_in(follower, "pgrep -x updater")
    done = follower.run(f"gshare follower mount {LEADER}", check=False, timeout=60)
    assert "waiting for the package lock, held by updater (pid " in done.err, done
    locker.wait(10)
    fix = printed(done, "PACKAGE_INCOMPLETE")
    assert "verified: " in follow(fix, follower).out
    follower.run("gshare follower unmount && dpkg --remove --force-depends nfs-common", timeout=60)
    told = finding(follower, f"gshare follower mount {LEADER} --no-install", "CLIENT_MISSING")
    run_fix(told["fix"], follower)
    assert "install" not in mount(follower).out
