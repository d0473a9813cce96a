# SPDX-License-Identifier: GPL-2.0-or-later
"""A leader of its own in private mount, network and pid namespaces, and its tree as data.

What the host lacks is supplied by mounts: /proc/fs/nfsd, its name in /proc/filesystems, a process
with mountd's name, and systemctl, which starts and stops a server that is a number in a file.
exportfs is the host's own.
"""

import os
import re
import shutil
import signal
import stat
import subprocess
from pathlib import Path

SHARE = "/mnt/data/shared"
NEW, RW, RO = "10.9.0.7", "10.9.0.8", "10.9.0.6"
TOOLS = Path("/var/lib/sweep")
THREADS = Path("/proc/fs/nfsd/threads")
GSHARE = "/usr/bin/gshare"
COPIED = ("nsswitch.conf", "netconfig", "ld.so.cache", "login.defs")
PASSWD = "root:x:0:0::/root:/bin/sh\nsweep:x:1000:1000::/:/bin/sh\nother:x:2000:2000::/:/bin/sh\n"
GROUP = "root:x:0:\nsweep:x:1000:\nother:x:2000:\n"
LIMIT_S = 60  # of one run: gshare's own deadline is far below
DEADLINE = ("--timeout", "20")  # nothing hangs here: on a busy machine 5 s were too few at times
ENV = {"PATH": "/usr/sbin:/usr/bin", "SUDO_UID": "1000", "LC_ALL": "C"}

ROOTS = ("/etc", "/var/lib/nfs", "/var/lib/gshare", "/mnt", "/srv", "/run", "/proc/fs/nfsd")
# The lock; exportfs' own locks, and what its next run writes anew when one was killed.
IGNORED = {"/run/gshare", "/run/gshare/lock", "/var/lib/nfs/.etab.lock",
           "/var/lib/nfs/export-lock", "/var/lib/nfs/etab.tmp"}
TEMPORARY = re.compile(r"/\.gshare-(?!id$)[^/]*$")

SYSTEMCTL = """#!/bin/sh
enabled=/run/nfs-server.enabled
threads=/proc/fs/nfsd/threads
start() { [ "$(cat $threads)" != 0 ] || { echo 8 >$threads; /usr/sbin/exportfs -r; }; }
stop() { echo 0 >$threads; /usr/sbin/exportfs -au; }
case "$1 $2" in
is-enabled*) [ -e $enabled ] && echo enabled ;;
"enable --now") : >$enabled; start ;;
"disable --now") rm -f $enabled; stop ;;
disable*) rm -f $enabled ;;
stop*) stop ;;
*) echo "Unknown command verb '$1'." >&2; exit 1 ;;
esac
"""

# It brings back the server that tests/sweep/children.py has taken away.
APT = """#!/bin/sh
mv /usr/sbin/exportfs.gone /usr/sbin/exportfs
"""

FOREIGN = """# our exports, by hand
/srv/a\t10.9.0.1(rw,sync,no_subtree_check) \\
\t10.9.0.2(ro)   # why

/srv/b  -ro  10.9.1.0/24
"""
BY_HAND = f"""{SHARE} {RW}(rw,sync,no_subtree_check,all_squash,anonuid=1000,anongid=1000)
{SHARE} {RO}(ro,sync,no_subtree_check,all_squash,anonuid=1000,anongid=1000)
"""
SHARED = ("leader", "init", "--follower", RW, "--follower", f"{RO}:ro")
SITE = "/srv/a/deep 10.9.0.3(rw,fsid=7,no_subtree_check)\r\n"


def tmpfs(path, *more):
    subprocess.run(["mount", "-t", "tmpfs", *more, "sweep", path], check=True)


def aside(directory, name):
    """Replace a directory of programs by links to them, so that single ones can be replaced."""
    real = TOOLS / name
    real.mkdir()
    subprocess.run(["mount", "--bind", directory, real], check=True)
    tmpfs(directory, "-o", "mode=755")
    for entry in os.listdir(real):
        os.symlink(real / entry, Path(directory, entry))


def put_program(path, text=None, copy=None):
    Path(path).unlink(missing_ok=True)
    if text is not None:
        Path(path).write_text(text, encoding="ascii")
    elif copy:
        shutil.copy(copy, path)
    else:
        return
    Path(path).chmod(0o755)


def build(gshare):
    """Make this namespace a machine that has no share; return the process that is mountd."""
    kept = {name: Path("/etc", name).read_bytes() for name in COPIED if Path("/etc", name).exists()}
    binary = Path(gshare).read_bytes()
    sleep = Path(shutil.which("sleep")).read_bytes()
    for command in (["ip", "link", "set", "lo", "up"],
                    ["ip", "addr", "add", "10.9.0.13/24", "dev", "lo"]):
        subprocess.run(command, check=True)
    for path in ("/var/lib", "/run", "/mnt", "/srv", "/proc/fs"):
        tmpfs(path, "-o", "mode=755")
    for path in (TOOLS, Path("/var/lib/nfs"), Path("/run/systemd/system"), THREADS.parent):
        path.mkdir(parents=True)
    aside("/usr/sbin", "sbin")
    aside("/usr/bin", "bin")
    for path, data in ((Path(GSHARE), binary), (TOOLS / "rpc.mountd", sleep)):
        path.unlink(missing_ok=True)
        path.write_bytes(data)
        path.chmod(0o755)
    put_program("/usr/bin/systemctl", SYSTEMCTL)
    put_program("/usr/bin/apt-get", APT)
    Path("/var/lib/dpkg").mkdir()
    Path("/var/lib/dpkg/status").touch()
    kinds = TOOLS / "filesystems"
    kinds.write_text(Path("/proc/filesystems").read_text() + "nodev\tnfsd\n")
    subprocess.run(["mount", "--bind", kinds, "/proc/filesystems"], check=True)
    tmpfs("/etc", "-o", "mode=755")
    for name, data in kept.items():
        Path("/etc", name).write_bytes(data)
    Path("/etc/passwd").write_text(PASSWD, encoding="ascii")
    Path("/etc/group").write_text(GROUP, encoding="ascii")
    Path("/etc/hosts").write_text("127.0.0.1 localhost\n", encoding="ascii")
    Path("/etc/fstab").write_text("# none\n", encoding="ascii")
    for path in ("/srv/a/deep", "/srv/b"):
        Path(path).mkdir(parents=True)
    Path("/var/lib/nfs/etab").touch()
    THREADS.write_text("0\n", encoding="ascii")
    client = THREADS.parent / "clients/5"
    client.mkdir(parents=True)
    (client / "info").write_text(f'clientid: 0x15\naddress: "{RW}:900"\nstatus: confirmed\n'
                                 'name: "Linux NFSv4.2 gpu-1"\nminor version: 2\n')
    (client / "states").touch()
    return subprocess.Popen([TOOLS / "rpc.mountd", "100000"], stdout=subprocess.DEVNULL)


def serve():
    """A server that runs, with what the files export in force."""
    Path("/run/nfs-server.enabled").touch()
    THREADS.write_text("8\n", encoding="ascii")
    subprocess.run(["/usr/sbin/exportfs", "-ra"], check=True, capture_output=True)


def install(state):
    """From the bare machine: a fresh one, one with exports of others, or one with a share."""
    if state == "a":
        return
    Path("/etc/exports").write_text(FOREIGN + (BY_HAND if state == "b" else ""), encoding="ascii")
    Path("/etc/exports.d").mkdir()
    Path("/etc/exports.d/site.exports").write_text(SITE, encoding="ascii")
    if state == "b":
        for name in ("", "uploads", "datasets"):
            Path(SHARE, name).mkdir(parents=True)
            os.chown(Path(SHARE, name), 1000, 1000)
        Path(SHARE, "uploads/data").write_bytes(b"theirs")
    serve()
    for words in {"c": [SHARED], "d": [SHARED, ("leader", "add", NEW)], "e": [(*SHARED, "--subtree-check")]}.get(state, ()):
        done = run(words)
        if done.returncode:
            raise SystemExit(f"state {state} cannot be made: {done.stderr}")
    if state == "e":
        copy_in()


def copy_in():
    """What cp -r and tar leave: modes of their own, no ACL, root's."""
    top = Path(SHARE, "datasets/copied")
    top.mkdir()
    for name in ("graph.csv", "secret"):
        Path(top, name).write_bytes(b"theirs")
    os.symlink("/etc/passwd", top / "link")
    for path in (top, top / "graph.csv", top / "secret"):
        os.removexattr(path, "system.posix_acl_access")
    os.removexattr(top, "system.posix_acl_default")
    top.chmod(0o755)
    Path(top, "graph.csv").chmod(0o644)
    Path(top, "secret").chmod(0o600)


# ---- trees -------------------------------------------------------------------------------------


def entry_of(path):
    info = os.lstat(path)
    kind = stat.S_IFMT(info.st_mode)
    data = b""
    if kind == stat.S_IFREG:
        with open(path, "rb") as file:
            data = file.read()
    elif kind == stat.S_IFLNK:
        data = os.readlink(path).encode()
    acls = {}
    if path.startswith("/mnt"):
        acls = {name: os.getxattr(path, name, follow_symlinks=False)
                for name in os.listxattr(path, follow_symlinks=False)
                if name.startswith("system.")}
    return (kind, stat.S_IMODE(info.st_mode), info.st_uid, info.st_gid, acls, data)


def tree():
    found = {}
    todo = [root for root in ROOTS if os.path.isdir(root)]
    while todo:
        path = todo.pop()
        found[path] = entry_of(path)
        with os.scandir(path) as entries:
            for entry in entries:
                if entry.path in IGNORED:
                    continue
                if entry.is_dir(follow_symlinks=False):
                    todo.append(entry.path)
                else:
                    found[entry.path] = entry_of(entry.path)
    return found


def put(path, entry):
    kind, mode, uid, gid, acls, data = entry
    if kind == stat.S_IFDIR:
        os.makedirs(path, exist_ok=True)
    elif kind == stat.S_IFLNK:
        Path(os.fsdecode(path)).unlink(missing_ok=True)
        os.symlink(data, path)
        os.lchown(path, uid, gid)
        return
    else:
        with open(path, "wb") as file:
            file.write(data)
    os.chown(path, uid, gid)
    for name in os.listxattr(path) if path.startswith("/mnt") else ():
        if name.startswith("system.") and name not in acls:
            os.removexattr(path, name)
    for name, value in acls.items():
        os.setxattr(path, name, value)
    os.chmod(path, mode)


def restore(want):
    """Make the machine's tree what it was; only what differs is touched."""
    now = tree()
    for path in sorted(now.keys() - want.keys(), reverse=True):
        if now[path][0] == stat.S_IFDIR:
            os.rmdir(path)
        else:
            os.unlink(path)
    for path in sorted(want):
        if now.get(path) != want[path]:
            if path in now and now[path][0] != want[path][0]:
                raise SystemExit(f"{path} has become something else")
            put(path, want[path])


def plain(path, entry):
    """An entry without what chance decides: the share's id, and the order of lines in etab."""
    data = entry[5]
    if path.endswith("/.gshare-id"):
        data = re.sub(rb"\b[0-9a-f]{8}\b", b"ID", data)
    elif "/exports" in path or path.endswith("/etab"):
        data = re.sub(rb"fsid=\d{3,}", b"fsid=ID", data)
    if path.endswith("/etab"):
        data = b"".join(sorted(data.splitlines(True)))
    return (*entry[:5], data)


def view(whole):
    """What is compared: not gshare's own record of runs, not what is left over."""
    return {path: plain(path, entry) for path, entry in whole.items()
            if not path.startswith("/var/lib/gshare") and not TEMPORARY.search(path)}


def leftovers(whole):
    return sorted(path for path in whole if TEMPORARY.search(path))


# ---- runs --------------------------------------------------------------------------------------


def run(words, before=()):
    """gshare, as it is installed; a fault of its own is a prefix."""
    words = [*words, *(() if "--timeout" in words else DEADLINE)]
    with subprocess.Popen([*before, GSHARE, *words], env=ENV, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          close_fds=False) as process:
        try:
            out, err = process.communicate(timeout=LIMIT_S + 5)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            out, err = process.communicate()
    return subprocess.CompletedProcess(words, process.returncode, out.decode(errors="replace"),
                                       err.decode(errors="replace"))
