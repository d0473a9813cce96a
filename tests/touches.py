#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What gshare does to a share and with the network, by strace's log: run-touches.sh. Speaks TAP.

A hard mount of a silent server keeps whoever asks it for ever; a child can be killed, gshare cannot
do so to itself. So its own process may open the share's root with O_PATH and ask what the kernel
knows without asking (statx with AT_STATX_DONT_SYNC), and nothing else, and nothing below the root.

Whoever reads what came over the network, and be it a byte, has a seccomp filter by then.

And a file that gshare writes may lie on such a mount: there it ends by its deadline and names that.
"""

import ctypes
import os
import re
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "sweep"))

import follower  # noqa: E402
import machine  # noqa: E402
import races  # noqa: E402

TARGET = races.TARGET
LOG = machine.TOOLS / "strace"
STRACE = ("strace", "-f", "-yy", "-s", "4096", "-o", LOG)

# A line is "PID NAME(ARGS", with "= RESULT" where the call was not interrupted by another's.
CALL = re.compile(r"^(\d+) +(\w+)\((.*)$")
NAMED = re.compile(r'(?:\d+|AT_FDCWD)<([^>]*)>, "((?:[^"\\]|\\.)*)"')
PLAIN = re.compile(r'^"(/(?:[^"\\]|\\.)*)"')
FD = re.compile(r"\b(\d+)<([^>]*)>")
BY_FD = re.compile(r'"/proc/self/fd/(\d+)(/[^"]*)?"')
HEARD = re.compile(r"^\d+<(?:TCP|UDP)")
HEARING = {"read", "readv", "recvfrom", "recvmsg", "recvmmsg"}
SEALING = "seccomp(SECCOMP_SET_MODE_FILTER, 0, {"
HANDED = re.compile(r"cmsg_type=SCM_RIGHTS, cmsg_data=\[(\d+)")

# On a descriptor of the share's root; the path of one is never looked up again.
HARMLESS_ON_FD = {"close", "fcntl", "dup", "dup3", "recvmsg", "sendmsg", "close_range"}
# A path that is only text: what is written, run as an argument, or the text of a link.
TEXT_ONLY = {"write", "execve", "sendto", "readlink", "readlinkat"}


def is_at(path):
    return path == TARGET


def is_below(path):
    return path.startswith(TARGET + "/")


def is_quiet(name, args):
    """May this be done to the share's root?"""
    if name in ("openat", "openat2", "open"):
        return "O_PATH" in args
    return name == "statx" and "AT_STATX_DONT_SYNC" in args


class Log:
    """The calls of the first process, and which of its descriptors are the share's."""

    def __init__(self, mounted):
        self.mounted = mounted  # from when on TARGET is the share and not a bare directory
        self.handed = set()
        self.touches = []
        self.asked = 0  # of the kinds that are allowed
        self.sealed = set()  # processes
        self.heard = 0  # times that one of these has read from the network
        self.exposed = []  # what others have

    def read(self, text):
        lines = text.splitlines()
        own = lines[0].split()[0]
        for line in lines:
            if "move_mount(" in line:
                self.mounted = True
            found = CALL.match(line)
            if found:
                self.judge_hearing(*found.groups(), line)
            self.handed |= set(HANDED.findall(line)) if line.startswith(own + " ") else set()
            if found and found[1] == own:
                self.judge(found[2], found[3])
        return self

    def judge_hearing(self, process, name, args, line):
        if SEALING in line and line.endswith(" = 0"):
            self.sealed.add(process)
        # From a socket's error queue, without a buffer, comes what the kernel says of the socket.
        if name not in HEARING or not HEARD.match(args) or ("MSG_ERRQUEUE" in args and
                                                            "msg_namelen=0}" in args):
            return
        if process in self.sealed:
            self.heard += 1
        else:
            self.exposed.append(f"{name}({args}")

    def judge(self, name, args):
        if name == "close":
            self.handed -= {args.split("<")[0].split(")")[0]}
            return
        for number, path in FD.findall(args):
            # What is mounted and not attached yet has no path: the kernel calls it "/".
            staged = path == "/" and number in self.handed
            if not (staged or (self.mounted and (is_at(path) or is_below(path)))):
                continue
            if name in HARMLESS_ON_FD or (not is_below(path) and is_quiet(name, args)):
                self.asked += 1
            else:
                self.touches.append(f"{name}({args}")
        if name in TEXT_ONLY:
            return
        for number, rest in BY_FD.findall(args):
            if number in self.handed and (rest or not is_quiet(name, args)):
                self.touches.append(f"{name}({args}")
        for path in self.paths(args):
            if not self.mounted or not (is_at(path) or is_below(path)):
                continue
            if is_at(path) and is_quiet(name, args):
                self.asked += 1
            else:
                self.touches.append(f"{name}({args}")

    def paths(self, args):
        """Absolute paths that the call is given."""
        for directory, name in NAMED.findall(args):
            yield name if name.startswith("/") else f"{directory.rstrip('/')}/{name}".rstrip("/")
        plain = PLAIN.match(args)
        if plain:
            yield plain[1]


def traced(words, mounted):
    LOG.unlink(missing_ok=True)
    done = subprocess.run([*STRACE, *words], env=machine.ENV, stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, errors="replace", timeout=60,
                          check=False)
    return done, Log(mounted).read(LOG.read_text(errors="replace"))


def newest_record():
    return max(races.STATE.glob("*.jsonl"), key=lambda path: int(path.stem))


def write_env(path, *words):
    """Have a cluster.env written, which is the newest run then."""
    os.makedirs(Path(path).parent, exist_ok=True)
    done = machine.run((*WRITE, path, *words))
    if done.returncode:
        raise SystemExit(f"no cluster.env: {done.stderr}")


def kill_newest():
    """The newest run has no end: gshare was killed."""
    record = newest_record()
    record.write_text("".join(record.read_text().splitlines(keepends=True)[:-1]))


WRITE = ("env", "follower", "--write")
USERS = "--allow-user-path"
ENV = f"{TARGET}/app/cluster.env"


def a_written_env():
    write_env(ENV, USERS)


def an_env_of_a_killed_run():
    write_env(ENV, USERS)
    kill_newest()


# Case of races.py whose scene it is, the words, and what is done before.
VERBS = {
    "follower mount": ("mount", races.MOUNT),
    "follower mount, new directories": ("mount-new", races.MOUNT),
    "follower mount again": ("unmount", races.MOUNT),
    "follower status": ("unmount", ("follower", "status")),
    "follower status --json": ("unmount", ("follower", "status", "--json")),
    "verify": ("unmount", ("verify", TARGET)),
    "verify --as": ("unmount", ("verify", TARGET, "--as", "1000")),
    "follower unmount": ("unmount", races.UNMOUNT),
    "follower unmount --lazy": ("unmount", (*races.UNMOUNT, "--lazy")),
    "follower unmount --forget": ("unmount-forget", (*races.UNMOUNT, "--forget")),
    "env --write in the share": ("unmount", (*WRITE, ENV, USERS),
                                 lambda: os.mkdir(f"{TARGET}/app")),
    "env --write over what is there": ("unmount", (*WRITE, ENV, USERS), a_written_env),
    "undo of it": ("unmount", ("undo",), a_written_env),
    "taking back of a killed one": ("unmount", ("follower", "mount", *races.MOUNT[2:]),
                                    an_env_of_a_killed_run),
}
# What has to be found, or the logs are not read right.
PLANTED = {
    "stat": "os.stat(T)",
    "lstat below": "os.lstat(T + '/files')",
    "open": "os.open(T, os.O_RDONLY)",
    "O_PATH below": "os.open(T + '/files', os.O_PATH)",
    "by a descriptor": "d = os.open(T, os.O_PATH); os.stat('.', dir_fd=d)",
    "below a descriptor": f"d = os.open({str(Path(TARGET).parent)!r}, os.O_PATH);"
                          "os.open('data/x', os.O_RDONLY | os.O_CREAT, dir_fd=d)",
    "fstat": "os.fstat(os.open(T, os.O_PATH))",
    "statvfs": "os.statvfs(T)",
    "readdir by /proc": "d = os.open(T, os.O_PATH); os.listdir(f'/proc/self/fd/{d}')",
    "access": "os.access(T, os.W_OK)",
    "xattr": "os.listxattr(T)",
    "chdir": "os.chdir(T)",
}
HEARS = f"""
import socket
peer = socket.create_connection(({follower.SERVER!r}, 2049))
peer.setblocking(False)
try:
    peer.recv(1)
except OSError:
    pass
"""


# ---- a file on a mount that answers nothing ----------------------------------------------------

DEAD, LINK = "/srv/dead", "/srv/link"
DEAD_ENV = f"{DEAD}/app/cluster.env"
LIMIT_S = 10


class Silent:
    """A FUSE mount without anybody behind it: whoever goes there waits until he is killed."""

    def __init__(self):
        self.fd = os.open("/dev/fuse", os.O_RDWR)
        options = f"fd={self.fd},rootmode=40000,user_id=0,group_id=0".encode()
        if ctypes.CDLL(None, use_errno=True).mount(b"peer:/", DEAD.encode(), b"fuse", 0, options):
            raise OSError(ctypes.get_errno(), "no FUSE mount")

    def end(self):
        os.close(self.fd)
        subprocess.run(["umount", "-l", DEAD], check=False)


def prepare_dead(how):
    """Make a directory and a link to it; with a run that wrote there, if one is wanted."""
    os.mkdir(DEAD)
    os.symlink("dead", LINK)
    if how:
        machine.tmpfs(DEAD, "-o", "mode=755")
        write_env(DEAD_ENV)
        subprocess.run(["umount", DEAD], check=True)
    if how == "killed":
        kill_newest()


# Which run there was, the words, and the status.
SILENT = {
    "env --write": (None, (*WRITE, DEAD_ENV), 1),
    "env --write through a link": (None, (*WRITE, f"{LINK}/app/cluster.env"), 1),
    "env --write, dry run": (None, (*WRITE, DEAD_ENV, "-n"), 1),
    "undo": ("whole", ("undo",), 1),
    "taking back": ("killed", ("follower", "unmount", TARGET), 6),
}


def judge_silent(how, words, status):
    prepare_dead(how)
    silent = Silent()
    began = time.monotonic()
    try:
        done = machine.run((*words, "--timeout", str(LIMIT_S)))
    finally:
        seconds = time.monotonic() - began
        silent.end()
    if done.returncode != status:
        yield f"status {done.returncode}: {done.stderr}"
    if seconds > LIMIT_S + 1:
        yield f"took {seconds:.1f} s"
    for word in ("MOUNT_BELOW_NOT_RESPONDING", f"mounted on '{DEAD}'", f"umount -f -l {DEAD}"):
        if word not in done.stderr:
            yield f"does not say {word}: {done.stderr}"
    # The mount is gone, as that command has it, and it goes on.
    done = machine.run(words)
    if how and done.returncode:
        yield f"afterwards, status {done.returncode}: {done.stderr}"


def judge_all():
    scenes = {}
    for name, (case, words, *before) in VERBS.items():
        if case not in scenes:
            scenes[case] = races.Scene(case)
        scenes[case].make()
        for prepare in before:
            prepare()
        done, log = traced((machine.GSHARE, *words, *machine.DEADLINE), scenes[case].mounted)
        flaws = [f"touches the share: {touch}" for touch in log.touches]
        if not scenes[case].mounted and not log.asked:
            flaws.append("not even what is allowed was seen: the log is not read right")
        flaws += [f"reads from the network and is not confined: {call}" for call in log.exposed]
        if name.startswith("follower mount") and not log.heard:
            flaws.append("nothing was read from the network: the log is not read right")
        if done.returncode:
            flaws.append(f"status {done.returncode}: {done.stderr}")
        yield name, flaws
    can_be_silent = os.path.exists("/dev/fuse") or os.environ.get("GSHARE_MUST_RUN") == "1"
    for name, row in SILENT.items() if can_be_silent else ():
        scenes["unmount"].make()
        yield f"silent: {name}", [*judge_silent(*row)]
    scenes["unmount"].make()
    for name, code in PLANTED.items():
        program = f"import os\nT = {TARGET!r}\ntry:\n    {code}\nexcept OSError: pass\n"
        done, log = traced((sys.executable, "-IS", "-c", program), True)
        yield f"found: {name}", [] if log.touches else ["the log shows no touch", done.stderr]
    done, log = traced((sys.executable, "-IS", "-c", HEARS), True)
    yield "found: a read from the network", [] if log.exposed else ["not in the log", done.stderr]


def main():
    servers = follower.build(*sys.argv[1:3])
    n = bad = 0
    try:
        for n, (name, flaws) in enumerate(judge_all(), 1):
            print(f"{'not ok' if flaws else 'ok'} {n} - {name}", flush=True)
            bad += bool(flaws)
            for line in flaws:
                print("\n".join(f"# {part}" for part in line.splitlines()))
        races.clear()
    finally:
        for server in servers:
            server.kill()
            server.wait()
    print(f"1..{n}")
    return bool(bad)


if __name__ == "__main__":
    sys.exit(main())
