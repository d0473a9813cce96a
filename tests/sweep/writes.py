#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Somebody swaps a component of the path of a file that root writes for them: see README.

usage: writes.py GSHARE INJECT [--all] [--seed TEXT] [--only CASE:PART:KIND:P:CALL:N]
"""

import argparse
import os
import random
import shutil
import sys
from pathlib import Path

import machine

CI_STOPS = 240
LIMIT_S = 40
OWNER = 2000  # not who calls sudo: machine.ENV
HOME, VICTIM, SPARE = "/srv/home", "/srv/victim", "/srv/home/spare"
FILE = "a/b/cluster.env"
SECRET = "POSTGRES_PASSWORD=hush"
HOOK, CALLS = machine.TOOLS / "hook", machine.TOOLS / "calls"
WRITE = ("env", "leader", "--write", f"{HOME}/{FILE}", "--allow-user-path")
DRY = (*WRITE, "--dry-run")
UNDO = ("undo", "--allow-user-path")
# What is run, whether the file is there before, and whether it is written before.
CASES = {"write": (WRITE, True, False), "new": (WRITE, False, False), "dry": (DRY, True, False),
         "undo": (UNDO, True, True)}
PARTS = ("a", "a/b", FILE)
AS_OWNER = f"setpriv --reuid {OWNER} --regid {OWNER} --clear-groups"
AWAY = f"{AS_OWNER} mv -T '{HOME}/{{part}}' '{HOME}/away' || :"
KINDS = {
    "link": f"{AWAY}\n{AS_OWNER} ln -sT '{VICTIM}/{{part}}' '{HOME}/{{part}}'",
    "directory": f"{AWAY}\n{AS_OWNER} mv -T '{SPARE}/{{part}}' '{HOME}/{{part}}'",
}


def own(top):
    for path, _, names in os.walk(top):
        for one in (path, *(os.path.join(path, name) for name in names)):
            os.chown(one, OWNER, OWNER)


def make(exists):
    for path in Path("/srv").iterdir():
        shutil.rmtree(path)
    for top, text in ((HOME, "NODE_TYPE=old\n"), (SPARE, "NODE_TYPE=spare\n"),
                      (VICTIM, f"{SECRET}\nNODE_TYPE=victim\n")):
        os.makedirs(f"{top}/a/b")
        if exists or top != HOME:
            Path(top, FILE).write_text(text, encoding="ascii")
    own(HOME)
    Path(VICTIM).chmod(0o755)
    Path(VICTIM, FILE).chmod(0o600)


def victim():
    found = {}
    for path, _, names in os.walk(VICTIM):
        for one in (path, *(os.path.join(path, name) for name in names)):
            info = os.lstat(one)
            found[one] = (info.st_ino, info.st_mode, info.st_uid, info.st_mtime_ns,
                          info.st_ctime_ns, info.st_nlink)
    return found, Path(VICTIM, FILE).read_text(encoding="ascii")


class Race:
    """A machine with a share, and the journal of each case before its run."""

    def __init__(self, inject):
        self.inject = inject
        self.state = Path("/var/lib/gshare")

    def prepare(self, case):
        _, exists, written = CASES[case]
        shutil.rmtree(self.state)
        shutil.copytree(machine.TOOLS / "kept", self.state)
        make(exists)
        if written:
            done = machine.run(WRITE)
            if done.returncode:
                raise SystemExit(f"{case} cannot be made: {done.stderr}")

    def record(self, case):
        calls = None
        for _ in range(2):
            self.prepare(case)
            done = machine.run(CASES[case][0], [self.inject, "-o", CALLS, "record"])
            if done.returncode:
                raise SystemExit(f"{case}, undisturbed: {done.stderr}")
            lines = CALLS.read_text().splitlines()
            seen = dict.fromkeys(line.split(" ", 1)[0] for line in lines)
            calls = [call for call in calls or seen if call in seen]
        # The proof comes first and has nothing to do with the file.
        near = [line.split(" ", 1)[0] for line in lines if HOME in line or "cluster.env" in line]
        first = calls.index(near[0]) if near and near[0] in calls else 0
        return calls[max(0, first - 5):]

    def stop(self, case, part, kind, call):
        """None where the stop is not reached; else the flaws and what was said."""
        self.prepare(case)
        HOOK.write_text("#!/bin/sh\n" + KINDS[kind].format(part=part) + "\n", encoding="ascii")
        HOOK.chmod(0o755)
        before = victim()
        done = machine.run(CASES[case][0], [self.inject, "-l", str(LIMIT_S), "-o", CALLS, "-x",
                                            HOOK, f"{call}:SWAP"])
        if CALLS.read_text() == "hit 0\n":
            return None
        flaws = []
        if victim() != before:
            flaws.append("the other tree is touched")
        if "hush" in done.stdout + done.stderr:
            flaws.append("what stands in the other tree is shown")
        if done.returncode not in (0, 1, 6):
            flaws.append(f"it ends with status {done.returncode}")
        return flaws, done


def main():
    words = argparse.ArgumentParser(prog="tests/sweep/run writes")
    words.add_argument("gshare")
    words.add_argument("inject")
    words.add_argument("--all", action="store_true", help="every stop")
    words.add_argument("--seed", default="gshare")
    words.add_argument("--only", help="one stop, as a failure names it")
    given = words.parse_args()
    built = Path(given.inject).read_bytes()
    mountd = machine.build(given.gshare)
    inject = machine.TOOLS / "inject"
    inject.write_bytes(built)
    inject.chmod(0o755)
    machine.install("c")
    shutil.copytree("/var/lib/gshare", machine.TOOLS / "kept")
    race, missed, bad, status = Race(inject), 0, 0, {}
    try:
        if given.only:
            jobs = of = [tuple(given.only.split(":", 3))]
        else:
            of = [(case, part, kind, call) for case in CASES for call in race.record(case)
                  for part in PARTS for kind in KINDS]
            jobs = of if given.all else random.Random(given.seed).sample(of, min(CI_STOPS, len(of)))
        for job in jobs:
            answer = race.stop(*job)
            if not answer:
                missed += 1
                continue
            flaws, done = answer
            key = f"{job[0]} {job[2]} {done.returncode}"
            status[key] = status.get(key, 0) + 1
            bad += bool(flaws)
            if flaws or given.only:
                print(":".join(job), f"status {done.returncode}", *flaws,
                      *done.stderr.splitlines(), sep="\n    ", flush=True)
    finally:
        mountd.kill()
        mountd.wait()
    for key in sorted(status):
        print(f"  {status[key]:>5}  {key}")
    stops = len(jobs) - missed
    print(f"writes, seed {given.seed}: {stops} stops of {len(of)}, {missed} not reached, {bad} with "
          f"a flaw\n# PASS:  {stops - bad}\n# FAIL:  {bad}")
    return bool(bad or not stops)


if __name__ == "__main__":
    sys.exit(main())
