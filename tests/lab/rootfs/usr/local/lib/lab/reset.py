# SPDX-License-Identifier: GPL-2.0-or-later
"""Bring the guest back to the state it had after boot.

Nearly all in the runner's own process: starting a program takes a guest 10-20 times as long as
the machine that it runs on, and this happens before every scenario.
"""

import ctypes
import fcntl
import glob
import os
import re
import shutil
import stat
import subprocess
import time

PRISTINE = b"/var/lib/lab/pristine"
GENERATED = "/var/lib/lab/generated"
TREES = (b"etc", b"home", b"mnt", b"srv", b"opt", b"media", b"root")  # what scenarios write in
MOUNTS = re.compile(rb"/(mnt|home|srv|opt|media)/|/run/gshare")
WASTE = ("/var/lib/gshare", "/run/gshare*", "/tmp/*", "/var/tmp/*")
ENABLED = b"etc/systemd/system/multi-user.target.wants/nfs-server.service"
PACKAGES = "/var/lib/dpkg"
KEPT_PACKAGES = "/var/lib/lab/dpkg"
REPOSITORY = "/usr/local/lib/lab/repo"
TEMPORARY = b".lab-reset"
RULES = "/usr/local/lib/lab/nfs-only.rules"
NFSD = "/proc/fs/nfsd"
STATE = b"/var/lib/nfs"
MNT_FORCE, MNT_DETACH = 1, 2
GETFLAGS, SETFLAGS, APPEND_IMMUTABLE = 0x80086601, 0x40086602, 0x30
LIMIT_S = 50

libc = ctypes.CDLL(None, use_errno=True)


class Reset:
    """Keeps in mind between two resets what nobody has touched."""

    def __init__(self):
        self.known = {}  # path below /: what lstat(2) said of it while it was as it should be

    def run(self, server):
        """Do it; the NFS server, where this guest has one, is then "stopped" or "running"."""
        stop_watching()
        unmount(MOUNTS.match)
        for pattern in WASTE:
            for path in glob.glob(pattern):
                remove(os.fsencode(path))
        restore_packages()
        if server:
            withdraw_exports()
        restored = self.restore()
        if any(path.startswith(b"etc/systemd/") for path in restored) or not is_generated():
            call("systemctl", "daemon-reload")
        active = has_active_server()
        if active and any(path.startswith(b"etc/nfs.conf") for path in restored):
            call("systemctl", "stop", "nfs-server")  # it runs with what stood there
            write(f"{NFSD}/versions", "+4.0 +4.1 +4.2\n")  # rpc.nfsd leaves what it is not told
            active = False
        if server:
            SERVER[server](active)

    def restore(self):
        """Make TREES what PRISTINE has; return what was not."""
        there = scan(b"/")
        wanted = scan(PRISTINE)
        touched = [path for path in wanted if self.known.get(path) != there.get(path, 0)]
        strange = [path for path in there if path not in wanted]
        for path in (*strange, *touched):
            set_changeable(b"/" + path)
        for path in reversed(strange):
            remove(b"/" + path)
        restored = [path for path in touched if bring_back(path)]
        self.known.update((path, there.get(path)) for path in touched)
        # Whatever changes one of these from now on gives it another ctime.
        for path in {*restored, *map(os.path.dirname, strange + restored)} & wanted.keys():
            self.known[path] = mark(b"/" + path)
        return strange + restored


def stop_watching():
    """End the units of follower mount, which would mount again what is unmounted here."""
    units = glob.glob("/etc/systemd/system/gshare-*.service")
    if units:
        call("systemctl", "stop", *map(os.path.basename, units))
        call("systemctl", "reset-failed")


def restore_packages():
    """Give back the packages that a scenario removed or installed: their files, and dpkg's word."""

    def word(top):
        with open(f"{top}/status", "rb") as status:
            return status.read(), os.listdir(f"{top}/updates")

    if word(PACKAGES) == word(KEPT_PACKAGES):
        return
    for package in glob.glob(f"{REPOSITORY}/*.deb"):
        files = f"dpkg-deb --fsys-tarfile {package} | tar -xC / --keep-directory-symlink"
        call("sh", "-c", files)
    call("rsync", "-a", "--delete", f"{KEPT_PACKAGES}/", f"{PACKAGES}/")
    unmount(b"/var/cache/apt/archives".__eq__)
    for path in (b"/var/lib/apt/lists", b"/var/cache/apt/archives", b"/run/lab-fail"):
        remove(path)


def unmount(is_meant):
    """Lazy and forced: a scenario may have left the server silent, and nothing may wait for it."""
    with open("/proc/self/mountinfo", "rb") as table:
        places = [line.split()[4] for line in table]
    for place in reversed(places):
        path = re.sub(rb"\\([0-7]{3})", lambda match: bytes([int(match[1], 8)]), place)
        if is_meant(path):
            libc.umount2(path, MNT_FORCE | MNT_DETACH)


def scan(root):
    """Every path of TREES below the root, each after its directory, and its mark."""
    found, left = {}, [path for path in reversed(TREES)]
    while left:
        path = left.pop()
        found[path] = here = mark(os.path.join(root, path))
        if stat.S_ISDIR(here[0]) and len(path) < 2048:
            names = sorted(os.listdir(os.path.join(root, path)), reverse=True)
            left += [os.path.join(path, name) for name in names]
    found.pop(ENABLED, None)
    return found


def mark(path):
    """What no change of a file leaves as it was."""
    info = os.lstat(path)
    return info.st_mode, info.st_uid, info.st_gid, info.st_ino, info.st_size, info.st_ctime_ns


def bring_back(path):
    """Make one path what it was; say whether it was not."""
    kept, place = os.path.join(PRISTINE, path), os.path.join(b"/", path)
    if os.path.lexists(place) and shown(place) == shown(kept):
        return False
    info = os.lstat(kept)
    if stat.S_ISDIR(info.st_mode):
        if os.path.islink(place) or not os.path.isdir(place):
            remove(place)
            os.mkdir(place)
        dress(place, kept, info)
        return True
    temporary = os.path.join(os.path.dirname(place), TEMPORARY)
    remove(temporary)
    if stat.S_ISLNK(info.st_mode):
        os.symlink(os.readlink(kept), temporary)
    else:
        shutil.copyfile(kept, temporary)
    dress(temporary, kept, info)
    if os.path.isdir(place) and not os.path.islink(place):
        remove(place)
    os.rename(temporary, place)
    return True


def shown(path):
    """All that there is to see of a path: the times of directories and links are not."""
    info = os.lstat(path)
    said = [info.st_mode, info.st_uid, info.st_gid]
    if stat.S_ISLNK(info.st_mode):
        said.append(os.readlink(path))
    elif stat.S_ISREG(info.st_mode):
        with open(path, "rb") as file:
            said += [info.st_mtime_ns, file.read()]
    names = sorted(os.listxattr(path, follow_symlinks=False))
    return said + [(name, os.getxattr(path, name, follow_symlinks=False)) for name in names]


def dress(place, kept, info):
    """Give a path the owner, mode, attributes and times of the kept one."""
    os.lchown(place, info.st_uid, info.st_gid)
    if not stat.S_ISLNK(info.st_mode):
        os.chmod(place, stat.S_IMODE(info.st_mode))
    wanted = os.listxattr(kept, follow_symlinks=False)
    for name in set(os.listxattr(place, follow_symlinks=False)) - set(wanted):
        os.removexattr(place, name, follow_symlinks=False)
    for name in wanted:
        value = os.getxattr(kept, name, follow_symlinks=False)
        os.setxattr(place, name, value, follow_symlinks=False)
    os.utime(place, ns=(info.st_atime_ns, info.st_mtime_ns), follow_symlinks=False)


def set_changeable(path):
    """Take away what chattr(1) sets against changes."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
    except OSError:
        return
    try:
        flags = ctypes.c_long()
        fcntl.ioctl(fd, GETFLAGS, flags)
        if flags.value & APPEND_IMMUTABLE:
            flags.value &= ~APPEND_IMMUTABLE
            fcntl.ioctl(fd, SETFLAGS, flags)
    except OSError:
        pass
    finally:
        os.close(fd)


def remove(path):
    """Remove a path and what is below it, when it is there."""
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path, ignore_errors=True)
        if os.path.isdir(path):
            call("chattr", "-R", "-f", "-i", "-a", path, check=False)
            shutil.rmtree(path)
    elif os.path.lexists(path):
        os.unlink(path)


def withdraw_exports():
    """Clients that the last scenario left behind would be seen by the next one's status."""
    unmount(STATE.__eq__)
    call("exportfs", "-au")
    with open(f"{os.fsdecode(STATE)}/etab", "w"):
        pass
    for control in glob.glob(f"{NFSD}/clients/*/ctl"):
        write(control, "expire\n")
    with open(RULES) as rules:
        call("iptables-restore", stdin=rules)


def is_generated():
    """Whether systemd has read the fstab that stands there now: what it made of it is the same."""

    def texts(top):
        found = {}
        for directory, _, names in os.walk(top):
            for name in names:
                path = os.path.join(directory, name)
                link = os.path.islink(path)
                with open(os.devnull if link else path, "rb") as file:
                    found[path[len(top):]] = os.readlink(path) if link else file.read()
        return found

    return texts(GENERATED) == texts("/run/systemd/generator")


def has_active_server():
    """Forget failures; whether the NFS server is active, by the same look at all units."""
    said = call("systemctl", "list-units", "--all", "--plain", "--no-legend", "--no-pager")
    states = {words[0]: words[2] for words in map(str.split, said.splitlines())}
    if "failed" in states.values():
        call("systemctl", "reset-failed")
    return states.get("nfs-server.service") == "active"


def stop_server(active):
    remove(b"/" + ENABLED)
    if active:
        call("systemctl", "stop", "nfs-server")


def run_server(active):
    place = b"/" + ENABLED
    if not os.path.islink(place):
        os.makedirs(os.path.dirname(place), exist_ok=True)
        os.symlink(b"/lib/systemd/system/nfs-server.service", place)
    if not active:
        call("systemctl", "start", "nfs-server")
    elif is_held():
        call("systemctl", "restart", "nfs-server")
    write(f"{NFSD}/v4_end_grace", "Y\n")  # a scenario restarted it with clients
    if not is_running("rpc.mountd"):
        call("systemctl", "restart", "nfs-mountd")


def is_held():
    """Whether a connection stays that its client, whose power or address went, will never end."""
    for _ in range(10):
        lines = []
        for name in ("tcp", "tcp6"):
            with open(f"/proc/net/{name}") as table:
                lines += [line.split() for line in table]
        if not [words for words in lines if words[1].endswith(":0801") and words[3] == "01"]:
            return False
        time.sleep(0.1)
    return True


SERVER = {"stopped": stop_server, "running": run_server}


def is_running(name):
    """Whether a process has this name."""
    for path in glob.glob("/proc/[0-9]*/comm"):
        try:
            with open(path) as comm:
                if comm.read().strip() == name:
                    return True
        except OSError:
            pass
    return False


def write(path, text):
    """Write to a file of the kernel's that may not be there, or have nothing to do."""
    try:
        with open(path, "w") as file:
            file.write(text)
    except OSError:
        pass


def call(*command, stdin=subprocess.DEVNULL, check=True):
    """Run a command; return what it printed."""
    done = subprocess.run(command, stdin=stdin, capture_output=True, timeout=LIMIT_S)
    if check and done.returncode:
        raise RuntimeError(f"{command}: status {done.returncode}: {done.stderr.decode()}")
    return done.stdout.decode(errors="replace")
