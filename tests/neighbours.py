#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Users of the same machine, who shall block nothing and lead nobody: run-neighbours.sh, TAP.

MALLORY is a user without any right. What she tries here worked once.
"""

import contextlib
import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "sweep"))

import machine  # noqa: E402

MALLORY = 2000
AS_MALLORY = ["setpriv", "--reuid", str(MALLORY), "--regid", str(MALLORY), "--clear-groups"]
LOCK_DIR = Path("/run/gshare")
LOCK, OLD_LOCK = LOCK_DIR / "lock", Path("/run/gshare.lock")
SOON_S = 1.0  # a clear word about a file that is none
ADD, REMOVE = ("leader", "add", machine.NEW), ("leader", "remove", machine.NEW)
LOCKED = 5

# Whoever can open it for reading can hold it: flock(2).
GRAB = f"""
import fcntl, os, time
kept = []
end = time.monotonic() + 60
while time.monotonic() < end:
    for path in ("{LOCK}", "{OLD_LOCK}", "{LOCK_DIR}"):
        try:
            fd = os.open(path, os.O_RDONLY)
            fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
            kept.append(fd)
        except OSError:
            pass
"""


class Tap:
    """Lines of TAP; a flaw is a text that says what is wrong."""

    def __init__(self):
        self.n = self.bad = 0

    def report(self, name, flaws):
        flaws = [flaw for flaw in flaws if flaw]
        self.n += 1
        self.bad += bool(flaws)
        print(f"{'not ok' if flaws else 'ok'} {self.n} - {name}", flush=True)
        for flaw in flaws:
            for line in str(flaw).splitlines():
                print(f"# {line}")


def unless(holds, text):
    return "" if holds else text


@contextlib.contextmanager
def running(words):
    with subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True) as one:
        try:
            yield one
        finally:
            one.kill()


# ---- the lock ----------------------------------------------------------------------------------


def lock_is_out_of_reach(tap):
    with running([*AS_MALLORY, sys.executable, "-c", GRAB]):
        time.sleep(0.3)
        for n in range(6):
            done = machine.run(REMOVE if n % 2 else ADD)
            if done.returncode:
                break
    tap.report("a user who would hold the lock holds nobody up",
               [unless(done.returncode == 0, done.stderr)])
    info = LOCK.stat(), LOCK_DIR.stat()
    tap.report("the lock is root's alone", [
        unless([stat.S_IMODE(one.st_mode) for one in info] == [0o600, 0o700], "its mode")])


def holder_is_named(tap):
    with running(["flock", LOCK, "sh", "-c", "echo; exec sleep 60"]) as holder:
        holder.stdout.readline()
        done = machine.run(ADD)
        subprocess.run(["pkill", "-P", str(holder.pid)], check=False)
    tap.report("the message names who holds the lock",
               [unless(done.returncode == LOCKED and f"(pid {holder.pid})" in done.stderr,
                       done.stderr)])
    # The one who took it has ended; the lock lives on with the descriptor that a child inherited.
    script = (f"import fcntl, os, time\nfd = os.open('{LOCK}', os.O_RDWR)\n"
              "fcntl.flock(fd, fcntl.LOCK_EX)\n"
              "if os.fork(): os._exit(0)\nprint(os.getpid(), flush=True)\ntime.sleep(60)\n")
    with running([sys.executable, "-c", script]) as taker:
        heir = int(taker.stdout.readline())
        taker.wait()
        done = machine.run(ADD)
        os.kill(heir, 9)
    tap.report("the message names nobody where the one who took it has ended",
               [unless(done.returncode == LOCKED and "pid" not in done.stderr, done.stderr)])


def clear_lock():
    if LOCK_DIR.is_symlink() or LOCK_DIR.is_file():
        LOCK_DIR.unlink()
    shutil.rmtree(LOCK_DIR, ignore_errors=True)


def make_lock_open():
    LOCK_DIR.mkdir(mode=0o755)
    LOCK.touch(0o644)


def make_dir_mallorys():
    LOCK_DIR.mkdir()
    os.chown(LOCK_DIR, MALLORY, MALLORY)


def make_lock_mallorys():
    LOCK_DIR.mkdir(mode=0o700)
    LOCK.touch()
    os.chown(LOCK, MALLORY, MALLORY)


def make_lock_fifo():
    LOCK_DIR.mkdir(mode=0o700)
    os.mkfifo(LOCK)


# What stands in the lock's place, and whether it is mended or refused.
PLACES = {
    "a directory and a lock that all may open": (make_lock_open, True),
    "a link": (lambda: LOCK_DIR.symlink_to("/tmp"), False),
    "a file": (LOCK_DIR.touch, False),
    "another user's directory": (make_dir_mallorys, False),
    "another user's lock": (make_lock_mallorys, False),
    "a FIFO for a lock": (make_lock_fifo, False),
}


def lock_is_made_safely(tap):
    for name, (make, mended) in PLACES.items():
        clear_lock()
        make()
        before = machine.view(machine.tree())
        done = machine.run(ADD)
        flaws = []
        if not mended:
            flaws = [unless(done.returncode == 1 and "LOCK_OF_OTHERS" in done.stderr, done.stderr),
                     unless(machine.view(machine.tree()) == before, "something has changed")]
            fix = re.search(r"^ +fix +sudo (.*)$", done.stderr, re.M)
            if fix:
                subprocess.run(fix[1], shell=True, check=True)
                done = machine.run(ADD)
        flaws += [unless(done.returncode == 0, done.stderr),
                  unless(stat.S_IMODE(LOCK_DIR.lstat().st_mode) == 0o700, "the directory's mode"),
                  unless(stat.S_IMODE(LOCK.lstat().st_mode) == 0o600, "the lock's mode")]
        tap.report(f"in the lock's place is {name}: {'mended' if mended else 'refused'}", flaws)
        machine.run(REMOVE)
        shutil.rmtree("/run/gshare.old", ignore_errors=True)


# ---- trees of others ---------------------------------------------------------------------------

INIT = ("leader", "init", "--follower", machine.NEW, "--owner", "curator")
MOUNT = ("follower", "mount", machine.NEW, "--export", "/srv/data")
ODD_FILES = {
    "etc/passwd": INIT,
    "etc/group": INIT,
    "etc/exports": INIT,
    "etc/exports.d/a.exports": INIT,
    "etc/fstab": MOUNT,
    "srv/data/.gshare-id": (*INIT, "--path", "/srv/data"),
}
ODD_KINDS = {
    "a FIFO": os.mkfifo,
    "a device": lambda path: os.mknod(path, stat.S_IFCHR | 0o600, os.makedev(1, 5)),
    "a socket": lambda path: os.mknod(path, stat.S_IFSOCK | 0o600),
    "a file of 1 TiB": lambda path: (Path(path).touch(), os.truncate(path, 1 << 40)),
    "a link to a device": lambda path: os.symlink("/etc/zero", path),
}


def make_image(root):
    for name in ("etc/exports.d", "srv/data"):
        Path(root, name).mkdir(parents=True)
    Path(root, "etc/passwd").write_text("root:x:0:0::/:/bin/sh\ncurator:x:1000:1000::/:/bin/sh\n")
    Path(root, "etc/group").write_text("root:x:0:\ncurator:x:1000:\n")
    os.mknod(Path(root, "etc/zero"), stat.S_IFCHR | 0o666, os.makedev(1, 5))


def opened_odd(log, name):
    """Lines of strace's where the file was opened, not only taken hold of (O_PATH)."""
    last = name.rsplit("/", 1)[1]
    return [line for line in log.read_text().splitlines()
            if re.search(rf'open(at2?)?\(.*"([^"]*/)?{re.escape(last)}"', line)
            and "O_PATH" not in line and "O_EXCL" not in line and "ENOENT" not in line
            and ".gshare-new" not in line]


def odd_files_are_refused(tap):
    for name, words in ODD_FILES.items():
        for kind, make in ODD_KINDS.items():
            with tempfile.TemporaryDirectory() as root:
                make_image(root)
                path = Path(root, name)
                path.unlink(missing_ok=True)
                make(path)
                log = Path("/run/opened.log")
                began = time.monotonic()
                done = machine.run((*words, "--root", root))
                seconds = time.monotonic() - began
                machine.run((*words, "--root", root),
                            ["strace", "-f", "-o", log, "-e", "trace=open,openat,openat2"])
                tap.report(f"{name} is {kind}", [
                    unless(done.returncode == 1, f"status {done.returncode}: {done.stderr}"),
                    unless(f"'/{name}'" in done.stderr, done.stderr),
                    unless(seconds < SOON_S, f"{seconds:.1f} s"),
                    *opened_odd(log, name)])


# ---- files that root writes for somebody -------------------------------------------------------

CALLER = 1000  # who calls sudo: machine.ENV
HOME, HERS, SECRET = Path("/srv/home/caller"), Path("/srv/home/mallory"), Path("/srv/secret")
PASSWORD = "POSTGRES_PASSWORD=hush"
TEXT = f"{PASSWORD}\nNODE_TYPE=old\n"
NAME = "cluster.env"


def make_dir(path, owner=0, mode=0o755):
    path.mkdir()
    os.chown(path, owner, owner)
    path.chmod(mode)


def make_file(path, owner=0):
    path.write_text(TEXT)
    os.chown(path, owner, owner)
    path.chmod(0o600)


def make_link(path, to, owner=0):
    path.symlink_to(to)
    os.lchown(path, owner, owner)


def make_homes():
    for path in Path("/srv").iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    make_dir(HOME.parent)
    for path, owner in ((HOME, CALLER), (HERS, MALLORY), (SECRET, 0)):
        make_dir(path, owner, 0o700)
        make_dir(path / "conf", owner)
        make_file(path / "conf" / NAME, owner)
        make_dir(path / "new", owner)
    make_dir(Path("/srv/open"), 0, 0o1777)
    make_file(Path("/srv/open", NAME), MALLORY)
    make_dir(Path("/srv/group"), 0, 0o775)
    os.chown("/srv/group", 0, MALLORY)
    make_link(HERS / "app", SECRET, MALLORY)
    make_link(HERS / "deep", SECRET / "conf", MALLORY)
    make_link(HERS / "back", HERS / "conf", MALLORY)
    make_link(HOME / "app", SECRET / "conf", CALLER)
    make_link(HOME / "hers", HERS / "conf", CALLER)
    make_link(HOME / "roots", SECRET / "conf")
    make_link(Path("/srv/conf"), "secret/conf")
    make_link(Path("/srv/given"), SECRET / "conf", MALLORY)
    make_link(Path("/srv/chain"), HERS / "app" / "conf")


PLACE, LINK, OWN = "PATH_OF_OTHERS", "LINK_OF_OTHERS", "PATH_IN_HOME"
# Where --write goes, what is said, and whether it is a refusal that --allow-user-path does not lift.
WRITES = {
    "root's directory": (SECRET / "conf", None, True),
    "root's directory, a new file": (SECRET / "new", None, True),
    "root's link to root's directory": (Path("/srv/conf"), None, True),
    "the caller's directory": (HOME / "conf", OWN, True),
    "the caller's directory, a new file": (HOME / "new", OWN, True),
    "the caller's link": (HOME / "app", OWN, True),
    "root's link in the caller's home": (HOME / "roots", OWN, True),
    "another's directory": (HERS / "conf", PLACE, False),
    "another's directory, a new file": (HERS / "new", PLACE, False),
    "another's link, further up": (HERS / "app" / "conf", LINK, False),
    "another's link, the file's own parent": (HERS / "deep", LINK, False),
    "another's link to the other's own": (HERS / "back", LINK, False),
    "another's link in root's directory": (Path("/srv/given"), LINK, False),
    "root's link to another's link": (Path("/srv/chain"), LINK, False),
    "the caller's link to another's directory": (HOME / "hers", PLACE, False),
    "another's file where all may write": (Path("/srv/open"), PLACE, False),
    "a directory that another's group may write": (Path("/srv/group"), PLACE, False),
}


def write_words(place, *more):
    return ("env", "leader", "--write", str(place / NAME), *more)


def snapshot(*roots):
    """All of some trees but times that a look may change."""
    found = {}
    for root in roots:
        for top, dirs, files in os.walk(root):
            for name in (".", *dirs, *files):
                path = Path(top, name)
                info = path.lstat()
                text = path.read_text() if stat.S_ISREG(info.st_mode) else ""
                found[str(path)] = (info.st_mode, info.st_uid, info.st_gid, info.st_ino,
                                    info.st_mtime_ns, text)
    return found


def fix_of(said):
    fix = re.search(r"^ +fix +(.*)$", said, re.M)
    return fix[1].removeprefix("sudo ") if fix else ""


def judge_write(place, cause, passes):
    make_homes()
    before = snapshot("/srv")
    dry = machine.run(write_words(place, "--dry-run"))
    yield unless(snapshot("/srv") == before, "the dry run has changed something")
    done = machine.run(write_words(place))
    if passes:
        yield unless(dry.returncode == done.returncode == 0, dry.stderr + done.stderr)
        yield unless((place / NAME).read_text() != TEXT, "it is not written")
        yield unless(not cause or cause in done.stdout + done.stderr, f"no {cause}: {done.stdout}")
        undone = machine.run(("undo",))
        yield unless(undone.returncode == 0, undone.stderr)
        return
    yield unless(dry.returncode == done.returncode == 1, f"{dry.returncode}, {done.returncode}")
    yield unless(cause in dry.stderr and cause in done.stderr, dry.stderr + done.stderr)
    yield unless("hush" not in dry.stdout + dry.stderr + done.stderr, "what stands there is shown")
    yield unless(snapshot("/srv") == before, "something has changed")
    untouched = snapshot(SECRET)
    allowed = machine.run(write_words(place, "--allow-user-path"))
    fix = fix_of(done.stderr)
    if cause == LINK:
        yield unless(allowed.returncode == 1 and cause in allowed.stderr, allowed.stderr)
        yield unless(fix.startswith("namei -l /"), fix)
        yield unless(snapshot("/srv") == before, "something has changed")
        return
    yield unless(allowed.returncode == 0 and cause in allowed.stdout + allowed.stderr, allowed.stderr)
    yield unless(fix == "gshare env leader --allow-user-path --write "
                 f"{place / NAME} --timeout 20", fix)
    yield unless(snapshot(SECRET) == untouched, "something else has changed")
    undone = machine.run(("undo",))
    yield unless(undone.returncode == 0, undone.stderr)


def ways_are_judged(tap):
    for name, (place, cause, passes) in WRITES.items():
        tap.report(f"--write through {name}: {'written' if passes else cause}",
                   judge_write(place, cause, passes))


def handed_over_is_not_undone(tap):
    """What was root's when the run was made is another's by now."""
    make_homes()
    done = machine.run(write_words(SECRET / "conf"))
    os.chown(SECRET, MALLORY, MALLORY)
    refused = machine.run(("undo",))
    taken = machine.run(("undo", "--allow-user-path"))
    tap.report("undo asks whose the path is now", [
        unless(done.returncode == 0, done.stderr),
        unless(refused.returncode == 1 and PLACE in refused.stderr, refused.stderr),
        unless(fix_of(refused.stderr).startswith("gshare undo --allow-user-path"), refused.stderr),
        unless(taken.returncode == 0, taken.stderr)])


def kill_late(words):
    """Killed once the file has its new text: when the old one is to be removed."""
    machine.run(words, ["strace", "-o", "/dev/null", "-e", "trace=unlinkat", "-e",
                        "inject=unlinkat:signal=KILL"])


SPOILS = {
    "handed over": lambda: os.chown(SECRET, MALLORY, MALLORY),
    "a link": lambda: ((SECRET / "conf" / NAME).unlink(),
                       (SECRET / "conf" / NAME).symlink_to("/etc/passwd")),
    "a FIFO": lambda: ((SECRET / "conf" / NAME).unlink(), os.mkfifo(SECRET / "conf" / NAME)),
    "as it was left": lambda: None,
}


def killed_runs_hold_nobody_up(tap):
    for name, spoil in SPOILS.items():
        make_homes()
        kill_late(write_words(SECRET / "conf"))
        left = (SECRET / "conf" / NAME).read_text()
        spoil()
        done = machine.run(ADD)
        again = machine.run(REMOVE)
        told = "RUN_ROLLED_BACK" if name == "as it was left" else "RUN_CONFLICT"
        tap.report(f"a run was killed, and its file is {name}: the next command goes on", [
            unless(left != TEXT, "it was killed too early"),
            unless(done.returncode == again.returncode == 0, done.stderr + again.stderr),
            unless(told in done.stderr, done.stderr)])


# ---- what followers put in the place of a share's id ---------------------------------------------

ID = Path(machine.SHARE, ".gshare-id")
NO_FILES = {
    "a FIFO": lambda: os.mkfifo(ID),
    "a directory": ID.mkdir,
    "a link": lambda: ID.symlink_to("/etc/passwd"),
}


def entries():
    return {path: state for path, state in machine.view(machine.tree()).items()
            if not path.startswith(str(ID))}


def odd_ids_are_moved_away(tap):
    for name, make in NO_FILES.items():
        ID.unlink()
        make()
        os.lchown(ID, CALLER, CALLER)
        kind, before = stat.S_IFMT(ID.lstat().st_mode), entries()
        shown = machine.run(("leader", "status"))
        fix = re.search(r"OWNER_OWNS_DATA.*\n +fix:? +(sudo mv .*)$", shown.stdout, re.M)
        done = subprocess.run(["sh", "-c", 'sudo() { "$@"; }; ' + (fix[1] if fix else "false")],
                              env=machine.ENV, capture_output=True, text=True, timeout=60,
                              check=False)
        again = machine.run(("leader", "status"))
        old = Path(f"{ID}.old")
        tap.report(f"{name} for a share's id: status has a command that ends it", [
            unless(fix, shown.stdout), unless(done.returncode == 0, done.stderr),
            unless("OWNER_OWNS_DATA" not in again.stdout, again.stdout),
            unless(ID.is_file() and ID.lstat().st_uid == 0, "there is no id"),
            unless(stat.S_IFMT(old.lstat().st_mode) == kind, "what was there is not kept"),
            unless(entries() == before, "something else has changed")])


def main():
    gshare, _, *only = sys.argv[1:]
    mountd = machine.build(gshare)
    tap = Tap()
    machine.install("c")
    tests = (lock_is_out_of_reach, holder_is_named, lock_is_made_safely, odd_files_are_refused,
             ways_are_judged, handed_over_is_not_undone, killed_runs_hold_nobody_up,
             odd_ids_are_moved_away)
    try:
        for test in tests:
            if not only or test.__name__ in only:
                test(tap)
    finally:
        mountd.kill()
        mountd.wait()
    print(f"1..{tap.n}")
    return bool(tap.bad)


if __name__ == "__main__":
    sys.exit(main())
