#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Somebody swaps a component of TARGET's path while gshare mounts or unmounts there: see README.

usage: races.py GSHARE INJECT NFSNAME [--all] [--seed TEXT] [--cases LIST]
                [--only CASE:PART:KIND:P:CALL:N]
"""

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

import follower
import machine
from follower import EXPORT, SERVER, SOURCE, flags, mountinfo, set_immutable

HERE = Path(__file__).resolve().parent
CI_STOPS = 200
LIMIT_S = 40
STATUS_LATE, STATUS_OWN, STATUS_LEFT = 124, 125, 6
OWNER = 1000
HOME, VICTIM = "/srv/home", "/srv/victim"
TARGET = f"{HOME}/a/b/data"
STATE = Path("/var/lib/gshare")
FSTAB = Path("/etc/fstab")
UNITS = (Path("/etc/systemd/system"), Path("/run/units"))  # and those of them that run
HOOK, CALLS = machine.TOOLS / "hook", machine.TOOLS / "calls"

MOUNT = ("follower", "mount", SERVER, TARGET, "--export", EXPORT, "--allow-user-path")
UNMOUNT = ("follower", "unmount", TARGET)
# What is run, which of TARGET's directories exist then, and whether the share is mounted.
CASES = {
    "mount": (MOUNT, "a/b/data", False),
    "mount-new": (MOUNT, "a", False),
    "unmount": (UNMOUNT, "a/b/data", True),
    "unmount-forget": ((*UNMOUNT, "--forget"), "a/b/data", True),
}
PARTS = ("a", "a/b", "a/b/data")  # what is swapped
# Calls that have to do with the path or with mounts. A swap is seen by the next of them: with a stop
# before each, none is left out that could matter.
NEAR = (HOME, "mountinfo", ":mount:", ":move_mount:", ":open_tree:", ":umount2:")
AS_OWNER = f"setpriv --reuid {OWNER} --regid {OWNER} --clear-groups"
AWAY = f"{AS_OWNER} mv -T '{HOME}/{{part}}' '{HOME}/away'"
# How; the owner can do all but the last, which takes an administrator's mistake.
KINDS = {
    "link": f"{AWAY}\n{AS_OWNER} ln -sT '{VICTIM}/{{part}}' '{HOME}/{{part}}'",
    "directory": f"{AWAY}\n{AS_OWNER} mv -T '{HOME}/spare/{{part}}' '{HOME}/{{part}}'",
    "bind": f"mount -n --rbind '{VICTIM}/{{part}}' '{HOME}/{{part}}'",
}


# ---- the scene ---------------------------------------------------------------------------------


def clear():
    subprocess.run("grep -o ' /srv[^ ]*' /proc/self/mountinfo | sort -r | xargs -r -n1 umount -ln "
                   "2>/dev/null", shell=True, check=False)


def make_owned(path):
    os.makedirs(path)
    here = Path(path)
    while str(here) != HOME:
        os.chown(here, OWNER, OWNER)
        here = here.parent


class Scene:
    """A home with TARGET in it, a tree beside it that nobody may touch, and what gshare keeps."""

    def __init__(self, case):
        self.words, self.exists, self.mounted = CASES[case]
        self.old = machine.TOOLS / f"old-{case}"  # which directories there were
        (self.old / self.exists).mkdir(parents=True)
        self.kept = None
        if self.mounted:
            self.make()
            done = machine.run(MOUNT)
            if done.returncode:
                raise SystemExit(f"{case} cannot be made: {done.stderr}")
            kept = machine.TOOLS / f"kept-{case}"
            shutil.copytree(STATE, kept)
            for path in UNITS:
                shutil.copytree(path, kept.parent / f"{kept.name}-{path.name}")
            self.kept = (kept, FSTAB.read_bytes())

    def make(self):
        clear()
        machine.tmpfs("/srv", "-o", "mode=755")
        os.mkdir(HOME, 0o700)
        os.chown(HOME, OWNER, OWNER)
        make_owned(f"{HOME}/{self.exists}")
        make_owned(f"{HOME}/spare/{PARTS[-1]}")
        os.makedirs(f"{VICTIM}/{PARTS[-1]}")
        shutil.rmtree(STATE, ignore_errors=True)
        FSTAB.write_text("# none\n", encoding="ascii")
        for path in UNITS:
            shutil.rmtree(path, ignore_errors=True)
            path.mkdir()
        if self.kept:
            shutil.copytree(self.kept[0], STATE)
            for path in UNITS:
                shutil.copytree(f"{self.kept[0]}-{path.name}", path, dirs_exist_ok=True)
            FSTAB.write_bytes(self.kept[1])
            set_immutable(TARGET, True)
            follower.mount_share(TARGET)
        if self.mounted:
            set_immutable(f"{VICTIM}/{PARTS[-1]}", True)
            machine.tmpfs(f"{VICTIM}/{PARTS[-1]}")


def victim():
    """All that can be seen of the tree that nobody may touch, below its mount too."""
    subprocess.run(["umount", "-ln", f"{VICTIM}/{PARTS[-1]}"], stderr=subprocess.DEVNULL,
                   check=False)
    found = {}
    for path, _, names in os.walk(VICTIM):
        info = os.lstat(path)
        found[path] = (info.st_ino, info.st_mode, info.st_uid, info.st_mtime_ns,
                       info.st_ctime_ns, flags(path), sorted(names))
    return found


def is_foreign(mounts, number):
    """Does the mount hang below the victim's tree, by whatever name?"""
    _, _, target, _ = mounts[number]
    if target.startswith(VICTIM):
        return True
    above = mounts.get(mounts[number][0])
    while above:
        if above[1].startswith("/victim"):
            return True
        above = mounts.get(above[0])
    return False


# ---- one stop ----------------------------------------------------------------------------------


class Race:
    """One machine; its cases, recorded, and the runs made on it."""

    def __init__(self, inject):
        self.inject = inject
        self.cases, self.scenes = {}, {}

    def scene(self, case):
        if case not in self.scenes:
            self.scenes[case] = Scene(case)
        return self.scenes[case]

    def record(self, case):
        """The calls that every recording of the case has, and how the first ended."""
        scene, calls = self.scene(case), None
        for _ in range(2):
            scene.make()
            done = machine.run(scene.words, [self.inject, "-o", CALLS, "record"])
            self.cases[case] = CALLS.read_text().splitlines()
            if done.returncode:
                raise SystemExit(f"{case}, undisturbed: {done.stderr}")
            seen = dict.fromkeys(line.split(" ", 1)[0] for line in self.cases[case])
            calls = [call for call in calls or seen if call in seen]
        return calls

    def looked(self, case, call):
        """Had gshare taken hold of the path when this call came? Before, it is as it finds it."""
        for line in self.cases[case]:
            name, _, path = line.partition(" ")
            if ":openat2:" in name and path.startswith(f"{HOME}"):
                return name != call
            if name == call:
                return False
        return True

    def stop(self, case, part, kind, call):
        scene = self.scene(case)
        scene.make()
        HOOK.write_text("#!/bin/sh\nset -e\n" + KINDS[kind].format(part=part) + "\n",
                        encoding="ascii")
        HOOK.chmod(0o755)
        old_victim = None
        if not scene.mounted:
            old_victim = victim()
        before, fstab = mountinfo(), FSTAB.read_bytes()
        began = time.monotonic()
        done = machine.run(scene.words, [self.inject, "-l", str(LIMIT_S), "-o", CALLS,
                                         "-x", HOOK, f"{call}:SWAP"])
        seconds = time.monotonic() - began
        text = CALLS.read_text() if CALLS.exists() else ""
        if text == "hit 0\n":
            return None
        after = mountinfo()
        flaws = list(self.flaws(scene, (case, part, kind, call), done, after, fstab))
        if not (kind == "bind" and not self.looked(case, call)):
            flaws += self.foreign(scene, before, after, old_victim)
        return {"status": done.returncode, "flaws": flaws, "said": done.stderr,
                "seconds": seconds}

    def flaws(self, scene, job, done, after, fstab):
        """What is wrong with the result, whatever happened to the other tree."""
        ours = [after[number][2] for number in after if after[number][3] == SOURCE]
        status = done.returncode
        if status in (STATUS_LATE, STATUS_OWN) or status > 127:
            yield f"it ends with status {status}"
        # A directory that gshare made and its owner moved away cannot be removed any more, and no
        # path leads to what a mount covers: that is said, with status 6.
        _, part, kind, _ = job
        if status == STATUS_LEFT and kind != "bind" and os.path.lexists(f"{scene.old}/{part}"):
            yield "not everything was taken back"
        if Path("/run/gshare.stage").exists():
            yield "the stage is left"
        if status == 0 and scene.mounted and ours and "- mount" in done.stdout:
            yield f"it says unmounted, and is on {ours}"
        if status == 1 and scene.mounted and not ours:
            yield "it fails, and is unmounted"
        if scene.mounted:
            return
        if status == 0 and (len(ours) != 1 or not ours[0].startswith(HOME)):
            yield f"it says mounted, and is on {ours}"
        if status == 1 and ours:
            yield f"it fails, and is mounted on {ours}"
        if status == 1 and FSTAB.read_bytes() != fstab:
            yield "it fails, and is in fstab"

    def foreign(self, scene, before, after, old_victim):
        for number in sorted(after.keys() - before.keys()):
            if after[number][3] == SOURCE and is_foreign(after, number):
                yield f"mounted on {after[number][2]}, in the other tree"
        for number in sorted(before.keys() - after.keys()):
            if before[number][3] != SOURCE:
                yield f"the other mount on {before[number][2]} is gone"
        if scene.mounted:
            now = victim()
            if not flags(f"{VICTIM}/{PARTS[-1]}") & follower.IMMUTABLE:
                yield "the other tree's directory has lost its guard"
            if any(entry[6] not in ([], ["a"], ["b"], ["data"]) for entry in now.values()):
                yield "there is something new in the other tree"
            return
        subprocess.run(["umount", "-Rln", f"{HOME}/a"], stderr=subprocess.DEVNULL, check=False)
        now = victim()
        for path in sorted(now.keys() | old_victim.keys()):
            if now.get(path) != old_victim.get(path):
                yield f"{path} is touched: {old_victim.get(path)}, now {now.get(path)}"


# ---- the whole ---------------------------------------------------------------------------------


def jobs_of(race, given, cases):
    """The stops to be made, and of how many."""
    jobs = []
    for case in cases:
        calls = race.record(case)
        for part in PARTS:
            for kind in KINDS:
                jobs += [(case, part, kind, call) for call in calls]
    if given.only:
        return [tuple(given.only.split(":", 3))], 1
    pick = random.Random(given.seed)
    near = {(case, line.split(" ", 1)[0]) for case in cases for line in race.cases[case]
            if any(word in line for word in NEAR)}
    close = [job for job in jobs if (job[0], job[3]) in near]
    if not given.all:
        close = pick.sample(close, CI_STOPS // 2)
    return close + pick.sample(jobs, CI_STOPS // 2), len(jobs)


def inside(given):
    """In the namespaces: every job whose number is this worker's."""
    built = Path(given.inject).read_bytes()
    servers = follower.build(given.gshare, given.nfsname)
    inject = machine.TOOLS / "inject"
    inject.write_bytes(built)
    inject.chmod(0o755)
    tally = {"stops": 0, "missed": 0, "bad": 0, "slowest": 0.0, "status": {}}
    try:
        race = Race(inject)
        cases = [given.only.split(":")[0]] if given.only else given.cases
        jobs, tally["of"] = jobs_of(race, given, cases)
        for job in jobs[given.worker::given.workers]:
            answer = race.stop(*job)
            if not answer:
                tally["missed"] += 1
                continue
            tally["stops"] += 1
            tally["slowest"] = max(tally["slowest"], answer["seconds"])
            key = f"{job[0]} {job[2]} {answer['status']}"
            tally["status"][key] = tally["status"].get(key, 0) + 1
            if answer["flaws"] or given.only:
                tally["bad"] += bool(answer["flaws"])
                print(f"{'FLAW' if answer['flaws'] else 'run'} {':'.join(job)}   status "
                      f"{answer['status']}", *answer["flaws"],
                      *answer["said"].splitlines(), sep="\n    ", file=sys.stderr, flush=True)
        clear()
    finally:
        for server in servers:
            server.kill()
            server.wait()
    print(json.dumps(tally))


def outside(given):
    """As many machines as there are processors; what they say is added up."""
    words = [word for word in sys.argv[1:] if word != "--all"]
    began = time.monotonic()
    started = [subprocess.Popen(
        ["unshare", "-m", "-n", "-p", "--fork", "--kill-child", "--mount-proc", "--propagation",
         "private", sys.executable, __file__, *words, *(["--all"] if given.all else []),
         "--workers", str(given.workers), "--worker", str(n)],
        stdout=subprocess.PIPE, text=True) for n in range(given.workers)]
    whole, failed = {"stops": 0, "missed": 0, "bad": 0}, 0
    slowest, of, status = 0.0, 0, {}
    for process in started:
        text = process.communicate()[0]
        if process.returncode or not text.strip():
            failed += 1
            continue
        tally = json.loads(text.splitlines()[-1])
        for key in whole:
            whole[key] += tally[key]
        slowest, of = max(slowest, tally["slowest"]), max(of, tally["of"])
        for key, n in tally["status"].items():
            status[key] = status.get(key, 0) + n
    for key in sorted(status):
        print(f"  {status[key]:>5}  {key}")
    print(f"races, seed {given.seed}: {whole['stops']} stops of {of}, {whole['missed']} not "
          f"reached, {whole['bad']} with a flaw; slowest {slowest:.1f} s, whole "
          f"{time.monotonic() - began:.0f} s")
    print(f"# PASS:  {whole['stops'] - whole['bad']}\n# FAIL:  {whole['bad'] + failed}")
    return bool(whole["bad"] or failed)


def main():
    words = argparse.ArgumentParser(prog="tests/sweep/run races")
    words.add_argument("gshare")
    words.add_argument("inject")
    words.add_argument("nfsname")
    words.add_argument("--all", action="store_true", help="every stop that can matter")
    words.add_argument("--seed", default="gshare")
    words.add_argument("--cases", default=",".join(CASES), type=lambda text: text.split(","))
    words.add_argument("--only", help="one stop, as a failure names it")
    words.add_argument("--workers", type=int, default=os.cpu_count())
    words.add_argument("--worker", type=int, default=-1)
    given = words.parse_args()
    given.workers = 1 if given.only else given.workers
    if given.worker >= 0:
        return inside(given)
    return outside(given)


if __name__ == "__main__":
    sys.exit(main())
