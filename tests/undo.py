#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Random existing configurations, a command, and its undo. TAP on stdout.

usage: undo.py GSHARE [--count N] [--seed TEXT] [--only I]

Runs inside namespaces of its own (run-undo.sh makes them), on the machine of configs.py with a
server that can be started and stopped. After a command that was done, undo gives back the whole
of /etc and /mnt: names, bytes, modes, owners, ACLs and attributes; and etab. Undoing the undo
gives the command's result again. What others changed in between stays, or the undo is refused
and nothing changes. A command that is killed leaves nothing that the next one does not mend.
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

VERBS = {
    **configs.VERBS,
    "init-dir": f"leader init --follower {configs.HOST} --follower 10.9.0.8:ro --dir extra",
    "init-file": f"leader init --follower {configs.HOST} --exports-file /etc/exports.d/g.exports",
    "add-name": f"leader add gpu-1:ro --path {configs.SHARE}",
    "env": "env leader --write /etc/cluster.env --unproved",
}
SYSTEMCTL = """#!/bin/sh
start() { echo 8 >/proc/fs/nfsd/threads; /usr/sbin/exportfs -r 2>/dev/null; }
stop() { echo 0 >/proc/fs/nfsd/threads; /usr/sbin/exportfs -au 2>/dev/null; }
case $1 in
is-enabled) [ -e /run/nfs-enabled ] ;;
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
            for path in sorted({*before[0], *after[0]}) if before[0].get(path) != after[0].get(path)]
    if before[1] != after[1]:
        told.append(f"etab: {before[1]} became {after[1]}")
    if before[2:] != after[2:]:
        told.append(f"server: {before[2:]} became {after[2:]}")
    return told


class Case:
    """One configuration, one command, one story about it."""

    def __init__(self, gshare, seed):
        self.gshare = gshare
        self.pick = random.Random(seed)
        self.config = configs.Config(seed)
        while self.config.broken and self.pick.random() < 0.95:
            seed += "'"
            self.config = configs.Config(seed)
        self.verb = self.pick.choice(sorted(VERBS))
        self.story = self.pick.choice(sorted(STORIES))
        self.flaws = []
        self.said = ""
        self.old = {}

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
        shutil.rmtree("/var/lib/gshare", ignore_errors=True)
        shutil.rmtree("/etc/cluster.env", ignore_errors=True)
        Path("/etc/cluster.env").unlink(missing_ok=True)
        Path("/proc/fs/nfsd/threads").write_text("8\n", encoding="ascii")
        Path("/run/nfs-enabled").touch()
        configs.install(self.config, not self.verb.startswith("init"))
        if self.pick.random() < 0.5:
            Path("/etc/cluster.env").write_text("A=1\nNODE_TYPE=x\n", encoding="ascii")
        for name in [*self.config.files, "/etc/cluster.env"]:
            if os.path.exists(name):
                self.dress(name)
        if self.pick.random() < 0.2:
            subprocess.run(["/usr/bin/systemctl", "disable", "--now"], check=True)
        elif self.pick.random() < 0.2:
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
        """Return what became of the case, in one word."""
        self.install()
        before = machine()
        self.old = {path: Path(path).read_bytes() for path in before[0]
                    if path.startswith("/etc/") and os.path.isfile(path)}
        if self.story == "killed_first":
            self.kill(VERBS[self.verb])
        done = self.call(VERBS[self.verb])
        if done.returncode:
            self.same(before, "refused, and not as before")
            runs = self.history()
            self.need(all(run["state"] == "TAKEN_BACK" for run in runs), "refused, and recorded")
            return "refused"
        if not re.search("undo with: gshare undo [12]\n", done.stdout) and not self.history():
            self.same(before, "nothing to undo, and not as before")
            self.need(not self.history(), "nothing to undo, and recorded")
            return "nothing"
        STORIES[self.story](self, before)
        left = [str(path) for root in ("/etc", "/mnt", "/var/lib/gshare")
                for path in Path(root).rglob(".gshare-new-*")]
        self.need(not left, f"left behind: {left}")
        return self.story

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

    def judge_undone(self, before, what):
        """As before; but a server that serves others goes on, with what its files say."""
        now = machine()
        if "SERVER_KEPT" in self.said or ("killed" in self.story and before[2:] < now[2:]):
            before = (before[0], now[1], *now[2:])
        self.same(before, what)


def story_plain(case, before):
    dry_before = machine()
    case.need(case.call("undo --dry-run").returncode == 0, "no dry run")
    case.same(dry_before, "the dry run")
    case.undo()
    case.judge_undone(before, "undone")
    runs = case.history()
    case.need([run["undone_by"] for run in runs] == [2, None], "history")
    case.need(runs[0]["by"] == "anna" and runs[1]["undoes"] == 1, "who and what")
    undone = machine()
    again = case.call("undo 1")
    case.need(again.returncode == 0 and "nothing to do" in again.stdout, "undone twice")
    case.need(case.call("undo").returncode == 1, "nothing left to undo")
    case.same(undone, "a refused undo")


def story_again(case, _before):
    after = machine()
    case.undo()
    case.undo("2")
    case.judge_undone(after, "undone and done again")


def story_other_line(case, before):
    """Somebody writes a comment at the end of a file that the run changed."""
    changed = [p for p in before[0] if p.startswith("/etc/") and os.path.isfile(p)
               and before[0][p] != machine()[0].get(p)]
    for path in changed:
        with open(path, "ab") as file:
            file.write(b"\n# a line of mine\n")
    case.undo()
    for path in changed:
        case.need(Path(path).read_bytes().endswith(b"# a line of mine\n"), f"lost in {path}")
    now = machine()
    case.need(now[1] == before[1] or "SERVER_KEPT" in case.said, "etab is not as before")


def story_other_run(case, before):
    """Another follower is added by a later run; undoing the first one keeps it."""
    if case.verb in ("env", "init-file"):
        return story_plain(case, before)
    if case.call(f"leader add 10.9.0.77 --path {configs.SHARE}").returncode:
        return None
    both = machine()
    done = case.call("undo 1")
    if done.returncode:
        # The later run wrote into the lines of the first: it has to go before.
        case.need("UNDO_CONFLICT" in done.stderr and "gshare undo 2" in done.stderr, "no way out")
        case.same(both, "a refused undo")
        case.undo("2")
        case.undo("1")
        return case.judge_undone(before, "both undone")
    now = configs.etab()
    case.need((configs.SHARE, "10.9.0.77") in now, "the later run is lost")
    for key, value in before[1].items():
        case.need(now.get(key) == value, f"etab: {key}")
    return None


def story_conflict(case, before):
    """Somebody changes a line that the run wrote."""
    target, mine = None, None
    for path in ("/etc/exports", "/etc/exports.d/g.exports"):
        text = Path(path).read_bytes() if os.path.exists(path) else b""
        for line in text.splitlines(True):
            if line.startswith(b"/mnt/data/shared 10.9.0.7(r") \
                    and line not in case.old.get(path, b"").splitlines(True):
                target, mine = path, line
    if not target:
        return story_plain(case, before)
    text = Path(target).read_bytes()
    Path(target).write_bytes(text.replace(mine, mine.replace(b"(r", b"(insecure,r")))
    here = machine()
    done = case.call("undo")
    case.need(done.returncode == 1 and "UNDO_CONFLICT" in done.stderr, "a conflict was overrun")
    case.need(re.search(re.escape(target) + r":\d+", done.stderr), "no file:line")
    case.same(here, "a refused undo")
    return None


def story_killed(case, before):
    """The undo is killed at some instant; the next command puts all right."""
    case.kill("undo")
    runs = case.history()
    if runs[0]["undone_by"]:
        return case.judge_undone(before, "undone before the kill")
    case.undo("1")
    return case.judge_undone(before, "undone after a kill")


def story_killed_first(case, before):
    """The command was killed at some instant, and given again."""
    states = [run["state"] for run in case.history()]
    # A server that was started serves others by then, and goes on.
    kept = [["LEFT", "DONE"]] if before[2] == "0\n" else []
    case.need(states in [["DONE"], ["TAKEN_BACK", "DONE"], *kept], f"states {states}")
    case.undo()
    case.judge_undone(before, "killed, given again, undone")


STORIES = {name[6:]: story for name, story in globals().items() if name.startswith("story_")}


def main():
    words = argparse.ArgumentParser()
    words.add_argument("gshare")
    words.add_argument("--count", type=int, default=400)
    words.add_argument("--seed", default="gshare")
    words.add_argument("--only", type=int, default=-1)
    given = words.parse_args()
    mountd = configs.build_machine()
    Path("/run/systemctl").write_text(SYSTEMCTL, encoding="ascii")
    try:
        return judge_all(os.path.abspath(given.gshare), given)
    finally:
        mountd.kill()
        mountd.wait()


def judge_all(gshare, given):
    """Print a result for each case; return whether one was bad."""
    tally = {}
    bad = 0
    indices = range(given.count) if given.only < 0 else [given.only]
    print(f"# seed {given.seed}, {len(indices)} cases")
    for n, i in enumerate(indices, 1):
        case = Case(gshare, f"{given.seed} {i}")
        became = case.judge()
        tally[became] = tally.get(became, 0) + 1
        bad += bool(case.flaws)
        print("not ok" if case.flaws else "ok", f"{n} - case {i}: {case.verb}, {became}")
        if case.flaws or given.only >= 0:
            text = "\n".join([*case.flaws, case.config.show(), case.said])
            print(re.sub("^", "# ", text.rstrip(), flags=re.M), flush=True)
    print(f"# {tally}")
    print(f"1..{len(indices)}")
    return bad > 0


if __name__ == "__main__":
    sys.exit(main())
