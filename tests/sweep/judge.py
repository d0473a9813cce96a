#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""One worker: makes faulted runs on its own machine and judges what they leave behind."""

import json
import os
import re
import signal
import stat
import sys
import time
from pathlib import Path

import children
import machine
from cases import CASES

UNCHANGED = "nothing was changed"
STAYS_SO = " so, but: "  # leader repair: rights that were given before it failed are right
LEFT = 6  # the status that says: not everything could be undone
CALLS = machine.TOOLS / "calls"
SHOWN = 6  # paths that differ, of one flaw
TRIES = 6  # of a fault that is not reached: a program's output comes in more or fewer pieces
RECORDINGS = 3


def differing(now, want):
    return sorted(path for path in now.keys() | want.keys() if now.get(path) != want.get(path))


def texts(paths):
    more = f" and {len(paths) - SHOWN} more" if len(paths) > SHOWN else ""
    return " ".join(paths[:SHOWN]) + more


def is_dir(entry):
    return entry is not None and stat.S_ISDIR(entry[0])


class Case:
    """A command in a state: the tree before, and after a run that nothing disturbed."""

    def __init__(self, words, before, inject):
        self.words, self.before = words, before
        self.stays = "repair" in words
        self.calls = None  # those of every recording
        for _ in range(RECORDINGS):
            machine.restore(before)
            done = machine.run(words, [inject, "-o", CALLS, "record"])
            self.record = CALLS.read_text().splitlines()
            calls = dict.fromkeys(line.split(" ", 1)[0] for line in self.record)
            self.calls = [call for call in self.calls or calls if call in calls]
        self.status, self.said = done.returncode, done.stdout + done.stderr
        self.old, self.new = machine.view(before), machine.view(machine.tree())
        self.managed = set(differing(self.old, self.new))


class Judge:
    """A machine, its states, and the runs made on it."""

    def __init__(self, inject):
        self.inject = inject
        self.states, self.cases = {}, {}
        self.bare = machine.tree()

    def case(self, name):
        if name not in self.cases:
            state = name.split(":")[1]
            if state not in self.states:
                machine.restore(self.bare)
                machine.install(state)
                self.states[state] = machine.tree()
            self.cases[name] = Case(CASES[name], self.states[state], self.inject)
        return self.cases[name]

    def record(self, name):
        case = self.case(name)
        flaws = order_flaws(case.record)
        if case.status or machine.leftovers(machine.tree()):
            flaws.append(f"the undisturbed run: status {case.status}\n{case.said}")
        return {"calls": case.calls, "flaws": flaws}

    def faulted(self, case, fault):
        began = time.monotonic()
        done = machine.run(case.words, [self.inject, "-l", str(machine.LIMIT_S), "-o", CALLS,
                                        fault])
        text = CALLS.read_text() if CALLS.exists() else ""
        done.seconds = time.monotonic() - began
        done.hit = done.returncode in (124, 125) or text not in ("", "hit 0\n")
        return done

    def judge(self, name, faults):
        """One fault, or two in a row, then a plain run; a first one not reached is tried again."""
        for _ in range(TRIES):
            answer = self.judge_once(self.case(name), faults)
            if answer["hit"] or answer["flaws"]:
                break
        return answer

    def judge_once(self, case, faults):
        machine.restore(case.before)
        flaws = []

        def need(holds, kind, text=""):
            if not holds:
                flaws.append({"kind": kind, "text": text})

        now = case.before
        for fault in faults:
            start = now
            done = self.faulted(case, fault)
            now = machine.tree()
            judge_fault(case, fault, done, start, now, need)
            if start is case.before:
                first = done
            if not first.hit:
                return {"hit": False, "flaws": flaws}
        again = machine.run(case.words)
        now = machine.tree()
        need(again.returncode == 0, "the next run fails", again.stderr.strip())
        need(machine.view(now) == case.new, "the next run does not converge",
             texts(differing(machine.view(now), case.new)))
        need(not machine.leftovers(now), "a temporary stays after the next run",
             texts(machine.leftovers(now)))
        return {"hit": first.hit, "status": first.returncode, "seconds": first.seconds,
                "said": first.stderr, "flaws": flaws}


def judge_fault(case, fault, done, start, now, need):
    """What must hold after one fault, before anything is mended."""
    seen = machine.view(now)
    left = sorted({*machine.leftovers(now)} - {*machine.leftovers(start)})
    killed = fault.endswith(("KILL", "KILLED", "MAIN"))
    # A run that came after a kill may have taken back what that left, or have kept out of it.
    is_old, is_new = seen in (case.old, machine.view(start)), seen == case.new
    alien = [path for path in differing(seen, case.old) if path not in case.managed]
    mixed = [path for path in case.managed
             if seen.get(path) not in (case.old.get(path), case.new.get(path))]
    # Owner, mode and the two ACLs of a directory are several calls; the next run settles them.
    # Where no such call works any more, it is told which directories are so.
    if killed or ("+" in fault and done.returncode == LEFT):
        mixed = [path for path in mixed
                 if not is_dir(seen.get(path)) or not killed and path not in done.stderr]

    need(not alien, "something of others has changed", texts(alien))
    need(not mixed, "a managed file is neither old nor new", texts(mixed))
    need(done.returncode not in (124, 125), "it does not end")
    if done.returncode == 0:
        need(is_new, "it says done, and is not", texts(differing(seen, case.new)))
    if killed:
        return
    status = done.returncode
    if start is not case.before and status == LEFT:
        return  # what was killed before could not be taken back yet: the next run goes on
    need(not left or "+" in fault, "a temporary is left", texts(left))
    if status == LEFT:
        need("+" in fault or (is_new and done.stdout == ""),
             "one fault, and not everything was taken back",
             done.stderr.strip())
    elif status and not (case.stays and STAYS_SO in done.stderr):
        need(is_old or is_new, "it fails half-way", texts(differing(seen, case.old)))
        need(is_old or UNCHANGED not in done.stderr, "it says unchanged, and is not",
             texts(differing(seen, case.old)))


# ---- the order of calls --------------------------------------------------------------------------


# It becomes a temporary, which is written and judged by its own name, or what exportfs writes over.
SPARE = re.compile(r"/var/lib/gshare/spare\.\d+$")


def order_flaws(record):
    """Where a kill cannot show it: data is synced before its name, the directory after it."""
    flaws = []
    calls = [(line.split(" ", 1)[0].split(":")[1], line.partition(" ")[2]) for line in record
             if line.startswith("0:")]
    for at, (name, target) in enumerate(calls):
        if name not in ("renameat2", "renameat", "rename") or SPARE.match(target):
            continue
        directory = os.path.dirname(target)
        before = [seen for call, seen in calls[:at] if call in ("fsync", "fdatasync")]
        after = [seen for call, seen in calls[at:] if call in ("fsync", "fdatasync")]
        if target not in before:
            flaws.append(f"'{target}' gets its name before its data is synced")
        if directory not in after:
            flaws.append(f"'{directory}' is not synced after '{target}' was renamed")
    return flaws + journal_flaws(calls)


def journal_flaws(calls):
    """The record of the run is durable before anything else is renamed or made."""
    change = re.compile(r"^(renameat2?|mkdirat|unlinkat)$")
    own, lock = "/var/lib/gshare/", "/run/gshare"
    if not any(target.startswith(own) for _, target in calls):
        return []
    for name, target in calls:
        if name in ("fsync", "fdatasync") and target.startswith(own):
            return []
        if change.match(name) and not target.startswith((own[:-1], lock)):
            return [f"'{target}' is changed before the journal is synced"]
    return []


def answer(judge, job):
    if "record" in job:
        return judge.record(job["record"])
    if "tool" in job:
        return children.judge(judge.case(job["case"]), job)
    return judge.judge(job["case"], job["faults"])


def main():
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gshare, inject = sys.argv[1:3]
    built = Path(inject).read_bytes()
    mountd = machine.build(gshare)
    inject = machine.TOOLS / "inject"
    inject.write_bytes(built)
    inject.chmod(0o755)
    try:
        judge = Judge(inject)
        for line in sys.stdin:
            job = json.loads(line)
            print(json.dumps(answer(judge, job)), flush=True)
    finally:
        mountd.kill()
        mountd.wait()


if __name__ == "__main__":
    main()
