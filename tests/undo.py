#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Random existing configurations, a command, and its undo. TAP on stdout.

usage: undo.py GSHARE [--count N] [--seed TEXT] [--only I]

A case is a command that was carried out: states are made up until one lets it. All commands and
all stories have their turn. Workers, one for each processor, run inside namespaces of their own,
on the machine of configs.py with a server that can be started and stopped. After a command that
was done, undo gives back the whole of /etc and /mnt: names, bytes, modes, owners, ACLs and
attributes; and etab. Undoing the undo gives the command's result again. What others changed in
between stays, or the undo is refused and nothing changes. A command that is killed leaves nothing
that the next one does not mend. What refuses leaves all as it was.
"""

import argparse
import hashlib
import json
import os
import random
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import configs

INIT = f"leader init --follower {configs.HOST}"
PATH = f"--path {configs.SHARE}"
# name: what was done long before, or None; the command
# What others have in a cluster.env: a password, in front, behind, on a last line without its end.
SECRET = "hunter2"
ENVS = ("A=1\nNODE_TYPE=x\n", f"POSTGRES_PASSWORD={SECRET}\nNODE_TYPE=x\nB=2\n",
        f"NODE_TYPE=x\n\nPOSTGRES_PASSWORD={SECRET}", f"PASSWORD='{SECRET}\nNODE_TYPE=y\n'\n")

VERBS = {
    "init": (None, INIT),
    "init-adopt": (None, INIT),
    "init-dir": (None, f"{INIT} --follower 10.9.0.8:ro --dir extra"),
    "init-file": (None, f"{INIT} --exports-file /etc/exports.d/g.exports"),
    "init-owner": (INIT, f"{INIT} --owner games"),
    "init-squash": (INIT, f"{INIT} --squash root"),
    "init-none": (f"{INIT} --subtree-check", f"{INIT} --squash none --yes"),
    "init-subtree-check": (f"{INIT} --no-subtree-check", f"{INIT} --subtree-check"),
    "init-followers": (INIT, "leader init --follower 10.9.0.8 --follower gpu-1:ro"),
    "add": (None, f"leader add {configs.HOST} {PATH}"),
    "add-more": (INIT, f"leader add 10.9.0.8:ro gpu-1 {PATH}"),
    "add-adopt": (None, f"leader add gpu-2:ro {PATH}"),
    "add-name": (None, f"leader add gpu-1:ro {PATH}"),
    "ro": (INIT, f"leader ro {configs.HOST} {PATH}"),
    "ro-all": (f"{INIT} --follower 10.9.0.8", f"leader ro --all {PATH}"),
    "ro-hand": (None, f"leader ro {configs.HOST} {PATH}"),
    "rw": (f"{INIT}:ro", f"leader rw {configs.HOST} {PATH}"),
    "remove": (INIT, f"leader remove {configs.HOST} {PATH}"),
    "remove-hand": (None, f"leader remove {configs.HOST} {PATH}"),
    "repair": (f"{INIT} --subtree-check", f"leader repair {PATH}"),
    "destroy": (INIT, f"leader destroy --yes {PATH}"),
    "env": (INIT, "env leader --write /etc/cluster.env"),
}
ATTEMPTS = 40  # states that a command is tried on until one lets it be done
SYSTEMCTL = """#!/bin/sh
start() { echo 8 >/proc/fs/nfsd/threads; /usr/sbin/exportfs -r 2>/dev/null || :; }
stop() { echo 0 >/proc/fs/nfsd/threads; /usr/sbin/exportfs -au 2>/dev/null || :; }
case $1 in
is-enabled) [ -e /run/nfs-enabled ] && echo enabled ;;
enable) : >/run/nfs-enabled; [ "$(cat /proc/fs/nfsd/threads)" != 0 ] || start ;;
disable) rm -f /run/nfs-enabled; [ "$2" != --now ] || stop ;;
stop) stop ;;
esac
"""
ACL = bytes.fromhex("0200000001000600ffffffff0200040003e8000004000400ffffffff10000400ffffffff"
                    "20000400ffffffff".replace("03e80000", "e8030000"))


def picture(*roots):
    """Everything below the roots but times: path to what it is."""
    found = {}
    for root in roots:
        for top, dirs, names in os.walk(root):
            for name in [".", *dirs, *names]:
                path = os.path.normpath(os.path.join(top, name))
                state = os.lstat(path)
                what = [oct(state.st_mode), state.st_uid, state.st_gid]
                for attribute in sorted(os.listxattr(path, follow_symlinks=False)):
                    what.append((attribute, os.getxattr(path, attribute, follow_symlinks=False)))
                if os.path.isfile(path):
                    what.append(hashlib.sha256(Path(path).read_bytes()).hexdigest())
                found[path] = what
    return found


def machine():
    return picture("/etc", "/mnt"), configs.etab(), Path("/proc/fs/nfsd/threads").read_text(
        encoding="ascii"), os.path.exists("/run/nfs-enabled")


def differences(before, after):
    """What differs between two machines, in words."""
    told = [f"{path}: {before[0].get(path)} became {after[0].get(path)}"
            for path in sorted({*before[0], *after[0]})
            if before[0].get(path) != after[0].get(path)]
    if before[1] != after[1]:
        told.append(f"etab: {before[1]} became {after[1]}")
    if before[2:] != after[2:]:
        told.append(f"server: {before[2:]} became {after[2:]}")
    return told


class Case:
    """One state, one command, one story about it."""

    def __init__(self, gshare, seed, verb, story):
        self.gshare = gshare
        self.pick = random.Random(seed)
        self.verb, self.story = verb, story
        self.config = configs.Config(seed)
        while not self.is_wanted():
            seed += "'"
            self.config = configs.Config(seed)
        self.flaws = []
        self.said = ""
        self.old = {}
        self.before = None
        self.is_proved = False

    def is_wanted(self):
        """Some states are broken; what is adopted stands where the command would not write."""
        if self.verb.endswith("adopt"):
            there = self.config.files.get("/etc/exports.d/site.exports", b"").decode()
            return f"{configs.SHARE} " in there and not self.config.broken
        return not self.config.broken or self.pick.random() < 0.02

    def need(self, holds, flaw):
        if not holds:
            self.flaws.append(flaw)

    def same(self, before, what):
        self.flaws += [f"{what}: {line}" for line in differences(before, machine())]

    def call(self, words):
        done = configs.run(self.gshare, *words.split(),
                           env={"PATH": "/usr/sbin:/usr/bin", "SUDO_UID": "1000",
                                "SUDO_USER": "anna", "LC_ALL": "C"})
        self.said += f"--- {words}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done

    def install(self):
        """Return whether the machine is one on which the command can be given."""
        shutil.rmtree("/etc/cluster.env", ignore_errors=True)
        Path("/etc/cluster.env").unlink(missing_ok=True)
        Path("/proc/fs/nfsd/threads").write_text("8\n", encoding="ascii")
        Path("/run/nfs-enabled").touch()
        before, _ = VERBS[self.verb]
        configs.install(self.config, not self.verb.startswith("init"))
        if self.verb.startswith("init") and not self.config.has_share and self.pick.random() < 0.5:
            shutil.rmtree("/mnt/data")
        if before and self.call(before).returncode:
            return False
        shutil.rmtree("/var/lib/gshare", ignore_errors=True)
        self.furnish()
        return True

    def furnish(self):
        """What may be there besides: files of others, attributes, a server that does not run."""
        pick = self.pick
        if pick.random() < 0.5:
            Path("/etc/cluster.env").write_text(pick.choice(ENVS), encoding="ascii")
        if Path(configs.SHARE, "uploads").exists():
            Path(configs.SHARE, "uploads/old").write_text("old\n", encoding="ascii")
            Path(configs.SHARE, "uploads/old").chmod(0o600)
        for name in [*self.config.files, "/etc/exports", "/etc/cluster.env"]:
            if os.path.exists(name):
                self.dress(name)
        if pick.random() < 0.2 and self.verb != "env":
            subprocess.run(["/usr/bin/systemctl", "disable", "--now"], check=True)
        elif pick.random() < 0.2:
            Path("/run/nfs-enabled").unlink()

    def dress(self, name):
        pick = self.pick
        os.chown(name, pick.choice((0, 1000)), pick.choice((0, 4)))
        os.chmod(name, pick.choice((0o644, 0o600, 0o664, 0o444)))
        if pick.random() < 0.3:
            os.setxattr(name, "trusted.kept", b"yes")
        if pick.random() < 0.3:
            os.setxattr(name, "system.posix_acl_access", ACL)

    def judge(self):
        """Return whether the command was carried out, and undone."""
        if not self.install():
            return False
        before = self.before = machine()
        self.old = {path: Path(path).read_bytes() for path in before[0]
                    if path.startswith("/etc/") and os.path.isfile(path)}
        _, words = VERBS[self.verb]
        if self.story == "killed_first":
            self.kill(words)
        done = self.call(words)
        if done.returncode:
            self.same(before, "refused, and not as before")
            runs = self.history()
            self.need(all(run["state"] == "ROLLED_BACK" for run in runs), "refused, and recorded")
            self.need("denied" not in done.stderr, "root was denied")
            return False
        if all(run["state"] != "DONE" for run in self.history()):
            if self.story != "killed_first":
                self.same(before, "nothing to undo, and not as before")
            return False
        if self.verb == "repair":  # an undo that changes nothing is no run
            undo_repair(self)
        else:
            STORIES[self.story](self)
        self.need(self.is_proved, "never undone")
        left = [str(path) for root in ("/etc", "/mnt", "/var/lib/gshare")
                for path in Path(root).rglob(".gshare-new-*")]
        self.need(not left, f"left behind: {left}")
        told = [str(path) for path in Path("/var/lib/gshare").rglob("*")
                if path.is_file() and SECRET.encode("ascii") in path.read_bytes()]
        self.need(not told, f"the journal keeps a password: {told}")
        return True

    def kill(self, words):
        """Start a command and kill it at some instant."""
        child = subprocess.Popen([self.gshare, *words.split()], stdout=subprocess.DEVNULL,
                                 stderr=subprocess.DEVNULL,
                                 env={"PATH": "/usr/sbin:/usr/bin", "SUDO_UID": "1000"})
        time.sleep(self.pick.random() * 0.03)
        child.kill()
        child.wait()

    def history(self):
        done = self.call("history --json")
        self.need(done.returncode == 0, "no history")
        return json.loads(done.stdout)["runs"] if done.returncode == 0 else []

    def undo(self, *words):
        done = self.call(" ".join(["undo", *words]))
        self.need(done.returncode == 0, "not undone")
        return done

    def unend(self):
        """Take back the end that a last line got, since a line of others came behind it."""
        for path, text in self.old.items():
            now = Path(path).read_bytes()
            if now != text and not text.endswith(b"\n") and now.rstrip(b"\n") == text:
                with open(path, "r+b") as file:
                    file.truncate(len(text))

    def judge_undone(self, what, part=lambda found: found):
        """As before; but a server that serves others goes on, with what its files say."""
        before, now = ((part(seen[0]), *seen[1:]) for seen in (self.before, machine()))
        self.is_proved = True
        if "SERVER_KEPT" in self.said or ("killed" in self.story and before[2:] < now[2:]):
            before = (before[0], now[1], *now[2:])
        if "RIGHTS_KEPT" in self.said:  # in the data, which no undo touches
            self.need(self.verb == "repair", "rights are kept")
            before, now = ((only_etc(seen[0]), *seen[1:]) for seen in (before, now))
        self.flaws += [f"{what}: {line}" for line in differences(before, now)]


def only_etc(found):
    return {path: what for path, what in found.items() if path.startswith("/etc")}


def story_plain(case):
    dry_before = machine()
    case.need(case.call("undo --dry-run").returncode == 0, "no dry run")
    case.same(dry_before, "the dry run")
    case.undo()
    case.judge_undone("undone")
    runs = case.history()
    case.need([run["undone_by"] for run in runs] == [2, None], "history")
    case.need(runs[0]["by"] == "anna" and runs[1]["undoes"] == 1, "who and what")
    undone = machine()
    again = case.call("undo 1")
    case.need(again.returncode == 0 and "nothing to do" in again.stdout, "undone twice")
    case.need(case.call("undo").returncode == 1, "nothing left to undo")
    case.same(undone, "a refused undo")


def story_again(case):
    """Undone, done again by undoing that, and undone once more."""
    after = machine()
    case.undo()
    case.judge_undone("undone")
    case.undo("2")
    before, case.before = case.before, after
    case.judge_undone("undone and done again")
    case.before = before
    case.undo("3")
    case.judge_undone("undone, done again and undone")


def story_other_line(case):
    """Somebody writes a comment at the end of a file that the run changed."""
    mine = b"\n# a line of mine\n"
    changed = [p for p in case.old if case.before[0][p] != machine()[0].get(p)]
    if any(case.old[path].endswith(b"\\") for path in changed):
        return story_plain(case)  # what comes behind a backslash is no line of its own
    for path in changed:
        with open(path, "ab") as file:
            file.write(mine)
    case.undo()
    for path in changed:
        text = Path(path).read_bytes()
        case.need(text.endswith(mine), f"lost in {path}")
        with open(path, "r+b") as file:
            file.truncate(len(text.removesuffix(mine)))
    case.unend()
    return case.judge_undone("undone, and a line of others taken out")


def story_other_run(case):
    """Another follower is added by a later run; undoing the first one keeps it."""
    if case.verb in ("env", "init-file", "destroy"):
        return story_plain(case)
    if case.call(f"leader add 10.9.0.77 {PATH}").returncode:
        case.undo("1")
        return case.judge_undone("undone after a run that was refused")
    both = machine()
    done = case.call("undo 1")
    if done.returncode:
        # The later run wrote into the lines of the first: it has to go before.
        case.need("UNDO_CONFLICT" in done.stderr and "gshare undo 2" in done.stderr, "no way out")
        case.same(both, "a refused undo")
        case.undo("2")
        case.undo("1")
        return case.judge_undone("both undone")
    now = configs.etab()
    case.need((configs.SHARE, "10.9.0.77") in now, "the later run is lost")
    for key, value in case.before[1].items():
        case.need(now.get(key) == value, f"etab: {key}")
    case.undo("2")
    case.unend()
    return case.judge_undone("the first undone, then the second")


def story_conflict(case):
    """Somebody changes a line that the run wrote, and puts it back after the refusal."""
    target, mine = None, None
    for path in ("/etc/exports", "/etc/exports.d/g.exports", "/etc/exports.d/site.exports"):
        text = Path(path).read_bytes() if os.path.exists(path) else b""
        for line in text.splitlines(True):
            if line.startswith(b"/mnt/data/shared 10.9.0.7(r") \
                    and line not in case.old.get(path, b"").splitlines(True):
                target, mine = path, line
    if not target:
        return story_plain(case)
    text = Path(target).read_bytes()
    Path(target).write_bytes(text.replace(mine, mine.replace(b"(r", b"(insecure,r")))
    here = machine()
    done = case.call("undo")
    case.need(done.returncode == 1 and "UNDO_CONFLICT" in done.stderr, "a conflict was overrun")
    case.need(re.search(re.escape(target) + r":\d+", done.stderr), "no file:line")
    case.same(here, "a refused undo")
    Path(target).write_bytes(text)
    case.undo()
    return case.judge_undone("undone after a conflict")


def story_killed(case):
    """The undo is killed at some instant; the next command puts all right."""
    case.kill("undo")
    runs = case.history()
    if runs[0]["undone_by"]:
        return case.judge_undone("undone before the kill")
    case.undo("1")
    return case.judge_undone("undone after a kill")


def story_killed_first(case):
    """The command was killed at some instant, and given again."""
    states = [run["state"] for run in case.history()]
    # A server that was started serves others by then, and goes on.
    kept = [["LEFT", "DONE"]] if case.before[2] == "0\n" else []
    case.need(states in [["DONE"], ["ROLLED_BACK", "DONE"], *kept], f"states {states}")
    case.undo()
    case.judge_undone("killed, given again, undone")


def as_left(path):
    """What nobody may change; reading it moves its access time."""
    at = path.lstat()
    return at.st_ino, at.st_mode, at.st_nlink, at.st_uid, at.st_gid, at.st_size, at.st_mtime_ns


def story_swapped_id(case):
    """Whoever owns the top directory has put something else in the place of its id."""
    odd = Path(configs.SHARE, ".gshare-id")
    if case.verb in ("env", "destroy") or not odd.exists():
        return story_plain(case)
    odd.unlink()
    put = case.pick.choice((
        lambda: os.mkfifo(odd), odd.mkdir, lambda: odd.symlink_to("/etc/passwd"),
        lambda: os.truncate(os.open(odd, os.O_CREAT | os.O_WRONLY), 65 << 20),
        lambda: odd.write_text("garbage\n", encoding="ascii")))
    put()
    there = as_left(odd)
    done = case.undo()
    if str(odd) not in case.before[0]:
        case.need("ID_BROKEN" in done.stdout, "kept without a word")
    case.need(as_left(odd) == there, "what was put there was touched")
    # With it stay the directories it lies in, and what else is of the data.
    return case.judge_undone("undone", only_etc)


def undo_repair(case):
    """The rights that a repair gave stay, and that is said."""
    after = machine()
    case.need("RIGHTS_KEPT" in case.undo().stdout, "kept without a word")
    case.same(after, "undoing a repair")
    case.judge_undone("undone")


STORIES = {name[6:]: story for name, story in globals().items() if name.startswith("story_")}


# ---- workers -------------------------------------------------------------------------------------


def judge_one(gshare, seed, index, tally):
    """Tell what became of one case; return whether it was bad."""
    verb = sorted(VERBS)[index % len(VERBS)]
    story = sorted(STORIES)[index // len(VERBS) % len(STORIES)]
    count = tally.setdefault(verb, [0, 0])
    for attempt in range(ATTEMPTS):
        case = Case(gshare, f"{seed} {index} {attempt}", verb, story)
        done = case.judge()
        count[done] += 1
        if done or case.flaws:
            break
    case.need(done or case.flaws, f"refused {ATTEMPTS} times")
    print("not ok" if case.flaws else "ok", f"- case {index}: {verb}, {story}", flush=True)
    if case.flaws:
        text = "\n".join([*case.flaws, case.config.show(), case.said])
        print(re.sub("^", "# ", text.rstrip(), flags=re.M), flush=True)
    return bool(case.flaws)


def work(given):
    """Judge every so-maniest case; the last line is the tally, for the parent."""
    mountd = configs.build_machine()
    Path("/run/systemctl").write_text(SYSTEMCTL, encoding="ascii")
    tally = {}
    first, step = given.worker
    indices = range(first, given.count, step) if given.only < 0 else [given.only]
    try:
        bad = [judge_one(given.gshare, given.seed, index, tally) for index in indices]
    finally:
        mountd.kill()
        mountd.wait()
    print(json.dumps(tally))
    return any(bad)


def start(given, first, step):
    """Start a worker in namespaces of its own, whose words come back in a pipe."""
    return subprocess.Popen(
        ["/usr/bin/unshare", "-m", "-n", "-p", "--fork", "--kill-child", "--mount-proc",
         "--propagation", "private", sys.executable, "-B", os.path.abspath(__file__), given.gshare,
         "--count", str(given.count), "--seed", given.seed, "--only", str(given.only),
         "--worker", str(first), str(step)], stdout=subprocess.PIPE, text=True)


def collect(workers):
    """Tell what the workers tell; return the sum of their tallies, None where one ended early."""
    total = {}
    for worker in workers:
        last = ""
        for line in worker.stdout:
            if line.startswith("{"):
                last = line
            else:
                print(line, end="", flush=True)
        worker.wait()
        if not last:
            return None
        for verb, counts in json.loads(last).items():
            total[verb] = [a + b for a, b in zip(total.get(verb, [0, 0]), counts)]
    return total


def main():
    words = argparse.ArgumentParser()
    words.add_argument("gshare", type=os.path.abspath)
    words.add_argument("--count", type=int, default=300)
    words.add_argument("--seed", default="gshare")
    words.add_argument("--only", type=int, default=-1)
    words.add_argument("--worker", type=int, nargs=2, help=argparse.SUPPRESS)
    given = words.parse_args()
    if given.worker:
        return work(given)
    step = min(os.cpu_count(), 8) if given.only < 0 else 1
    cases = given.count if given.only < 0 else 1
    print(f"# seed {given.seed}, {cases} cases")
    total = collect([start(given, first, step) for first in range(step)])
    if total is None:
        print("Bail out! a worker ended early")
        return 1
    for verb, (refused, done) in sorted(total.items()):
        print(f"# {verb}: {done} carried out and undone, {refused} refused or nothing to do")
    print(f"1..{cases}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
