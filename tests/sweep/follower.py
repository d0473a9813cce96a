# SPDX-License-Identifier: GPL-2.0-or-later
"""A follower on machine.py's machine: a real NFS server in user space, and a mount.nfs4 of ours.

The server (nfs-ganesha) is asked by gshare's own look at it. What is then mounted is a tmpfs, by a
program at mount.nfs4's place, since the kernel here need not have an NFS client; nfsname.so gives
it the name that gshare is to see.
"""

import ctypes
import fcntl
import os
import subprocess
import time
from pathlib import Path

import machine

SERVER, EXPORT = "10.9.0.13", "/share"
SOURCE = f"{SERVER}:{EXPORT}"
GANESHA = "/usr/bin/ganesha.nfsd"
READY_S = 30
MOUNT_NFS = """#!/bin/sh
exec mount -n -t tmpfs -o nosuid,nodev,mode=777,size=1m "$1" "$2"
"""
CONF = f"""
NFS_CORE_PARAM {{ Protocols = 4; NFS_Port = 2049; Enable_NLM = false; Enable_RQUOTA = false; }}
NFSV4 {{ Graceless = true; }}
EXPORT {{ Export_Id = 1; Path = /var/lib/export; Pseudo = {EXPORT}; Access_Type = RW;
  Squash = No_Root_Squash; SecType = sys; FSAL {{ Name = VFS; }} }}
"""
GETFLAGS, SETFLAGS, IMMUTABLE = 0x80086601, 0x40086602, 0x10


def mountinfo():
    """Every mount by its id: parent, root, target, source."""
    found = {}
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        words, _, rest = line.partition(" - ")
        number, parent, _, root, target = words.split()[:5]
        found[int(number)] = (int(parent), root, target, rest.split()[1])
    return found


def flags(path):
    """The inode's flags; 0 where the file system has none."""
    fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    value = ctypes.c_long()
    try:
        fcntl.ioctl(fd, GETFLAGS, value)
    except OSError:
        pass
    finally:
        os.close(fd)
    return value.value


def set_immutable(path, on):
    fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    value = ctypes.c_long()
    fcntl.ioctl(fd, GETFLAGS, value)
    value.value = value.value | IMMUTABLE if on else value.value & ~IMMUTABLE
    fcntl.ioctl(fd, SETFLAGS, value)
    os.close(fd)


def mount_share(path):
    subprocess.run(["/usr/sbin/mount.nfs4", SOURCE, path], check=True)


def answers():
    done = machine.run(("follower", "mount", SERVER, "/srv/none", "--export", EXPORT, "-n"))
    return done.returncode == 0


def build(gshare, preload):
    """Make this namespace a follower and its leader; return the processes that serve it."""
    library = Path(preload).read_bytes()
    return machine.build(gshare), serve(library)


def serve(library):
    """Make this namespace a follower, and start its leader's server; return that."""
    for name in ("/var/lib/nfs/ganesha", "/run/ganesha", "/var/lib/export"):
        Path(name).mkdir(parents=True)
    Path("/etc/mtab").symlink_to("/proc/mounts")
    conf = machine.TOOLS / "ganesha.conf"
    conf.write_text(CONF, encoding="ascii")
    server = subprocess.Popen([GANESHA, "-F", "-L", machine.TOOLS / "ganesha.log", "-f", conf,
                               "-p", machine.TOOLS / "ganesha.pid"])
    (machine.TOOLS / "nfsname.so").write_bytes(library)
    Path("/etc/ld.so.preload").write_text(f"{machine.TOOLS}/nfsname.so\n", encoding="ascii")
    for name in ("mount.nfs", "mount.nfs4"):
        machine.put_program(f"/usr/sbin/{name}", MOUNT_NFS)
    end = time.monotonic() + READY_S
    while not answers():
        if time.monotonic() > end or server.poll() is not None:
            raise SystemExit("the NFS server does not answer:\n" + machine.run(
                ("follower", "mount", SERVER, "/srv/none", "--export", EXPORT, "-n")).stderr)
        time.sleep(0.1)
    return server
