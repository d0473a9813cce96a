#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Whatever call fails, the machine is as it was or as it was asked to be: see README.

This file deals the runs out to workers, each a machine of its own (machine.py), and adds up what
they say. Started by the script `run` beside it.
"""

import argparse
import collections
import json
import os
import queue
import random
import subprocess
import sys
import threading
import time
from pathlib import Path

import children
from cases import CASES, FAULTS, STAYS, applies

HERE = Path(__file__).resolve().parent
CI_RUNS, CI_PAIRS = 2000, 400
WAITING = 4  # workers a processor, where most of them wait for a deadline
SHOWN = 20  # failures that are shown whole; the rest is counted


def start_worker(given):
    """A process that is init of a machine of its own; it takes and gives a JSON value a line."""
    return subprocess.Popen(
        ["unshare", "-m", "-n", "-p", "--fork", "--kill-child", "--mount-proc", "--propagation",
         "private", sys.executable, HERE / "judge.py", given.gshare, given.inject],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def work(given, todo, done):
    """One worker's life: a job from the queue, its answer to the other."""
    with start_worker(given) as worker:
        while True:
            job = todo.get()
            if job is None:
                worker.stdin.close()
                return
            worker.stdin.write(json.dumps(job) + "\n")
            worker.stdin.flush()
            line = worker.stdout.readline()
            done.put((job, json.loads(line) if line else None))
            if not line:
                return


class Pool:
    """Workers and the two queues between."""

    def __init__(self, given):
        self.todo, self.done = queue.Queue(), queue.Queue()
        self.threads = [threading.Thread(target=work, args=(given, self.todo, self.done),
                                         daemon=True) for _ in range(given.workers)]
        for thread in self.threads:
            thread.start()

    def each(self, jobs):
        """The answers to all jobs, as they come."""
        for job in jobs:
            self.todo.put(job)
        for _ in range(len(jobs)):
            job, answer = self.done.get()
            if answer is None:
                raise SystemExit(f"a worker ended over {job}")
            yield job, answer

    def end(self):
        for _ in self.threads:
            self.todo.put(None)
        for thread in self.threads:
            thread.join()


# ---- which runs --------------------------------------------------------------------------------


def faults_of(calls, kinds):
    """Every (process, call, n, what) of one recorded run."""
    for call in calls:
        process, name, nth = call.split(":")
        if "errors" in kinds:
            for what in FAULTS.get(name, ("EIO",)):
                yield f"{call}:{what}"
        if "stays" in kinds:
            for what in STAYS.get(name, ()):
                yield f"{process}:{name}:{nth}+:{what}"
        if "kills" in kinds:
            yield f"{call}:KILL"
            yield f"{call}:KILLED"
            if process != "0":
                yield f"{call}:MAIN"


def sample(jobs, count, pick):
    """A share of each case, so that a short run looks at all of them."""
    if len(jobs) <= count:
        return jobs
    cases = collections.defaultdict(list)
    for job in jobs:
        cases[job["case"]].append(job)
    chosen = []
    for n, of_case in enumerate(cases.values()):
        part = (count - len(chosen)) // (len(cases) - n)
        chosen += pick.sample(of_case, min(part, len(of_case)))
    pick.shuffle(chosen)
    return chosen


def pairs_of(records, count, pick):
    """A kill, then a fault in the run that is to mend it, at a call of an undisturbed run."""
    jobs = []
    for _ in range(count):
        case = pick.choice(sorted(records))
        calls = records[case]
        first = f"{pick.choice(calls)}:{pick.choice(('KILL', 'KILLED'))}"
        call = pick.choice(calls)
        second = f"{call}:{pick.choice((*FAULTS.get(call.split(':')[1], ('EIO',)), 'KILL'))}"
        jobs.append({"case": case, "faults": [first, second]})
    return jobs


# ---- what came of it ---------------------------------------------------------------------------


class Tally:
    """Runs, hits and failures, by command."""

    def __init__(self, records):
        self.records = records
        self.hit = collections.defaultdict(set)
        self.runs = self.missed = self.bad = 0
        self.slowest = (0.0, "")
        self.kinds = collections.Counter()
        self.examples = {}

    def add(self, job, answer):
        name = ":".join((job["case"], *job["faults"][:1]))
        if not answer["hit"]:
            self.missed += 1
            return
        self.runs += 1
        self.slowest = max(self.slowest, (answer["seconds"], name))
        process, call, nth, _ = job["faults"][0].split(":")
        self.hit[job["case"]].add(f"{process}:{call}:{nth.rstrip('+')}")
        if not answer["flaws"]:
            return
        self.bad += 1
        what = job["faults"][0].rsplit(":", 1)[1]
        for flaw in answer["flaws"]:
            kind = f"{what if what in ('KILL', 'KILLED', 'MAIN') else 'error'}: {flaw['kind']}"
            self.kinds[kind] += 1
            self.examples.setdefault(kind, (job, answer))
        if self.bad <= SHOWN:
            print(shown(job, answer), flush=True)

    def report(self):
        print(f"{'case':<10} {'calls':>6} {'hit':>6}  share")
        for case, calls in sorted(self.records.items()):
            n = len(self.hit[case] & set(calls))
            print(f"{case:<10} {len(calls):>6} {n:>6}  {100 * n / len(calls):5.1f} %")
        print(f"slowest: {self.slowest[0]:.1f} s, {self.slowest[1]}")
        print(f"{self.runs} runs, {self.missed} faults that were not reached, "
              f"{self.bad} runs with a flaw")
        for kind, n in self.kinds.most_common():
            job, _ = self.examples[kind]
            print(f"  {n:>5}  {kind}\n         tests/sweep/run --only '{only(job)}'")


def only(job):
    return job["case"] + ":" + ",".join(job["faults"])


def shown(job, answer):
    said = "".join(f"    {line}\n" for line in answer["said"].splitlines())
    flaws = "".join(f"  {flaw['kind']}: {flaw['text']}\n" for flaw in answer["flaws"])
    return (f"FLAW {only(job)}   status {answer['status']}\n{flaws}{said}"
            f"  again: tests/sweep/run --only '{only(job)}'")


# ---- the whole ---------------------------------------------------------------------------------


# Faults that a sample has once found a flaw by: they are in each.
FOUND = (
    ("remove:j", "0:unlinkat:2+:EROFS"),  # a temporary stayed beside /etc/iptables/rules.v4
)


def record_all(pool, chosen):
    """What each case calls when it is left alone; the order of calls is judged on the way."""
    records, flaws = {}, 0
    for job, answer in pool.each([{"record": case} for case in chosen]):
        records[job["record"]] = answer["calls"]
        for flaw in answer["flaws"]:
            flaws += 1
            print(f"FLAW {job['record']}: {flaw}")
    return records, flaws


def plan(given, records, pick):
    if given.only:
        case, fault = given.only.split(":", 2)[:2], given.only.split(":", 2)[2]
        return [{"case": ":".join(case), "faults": fault.split(",")}], []
    jobs = [{"case": case, "faults": [fault]} for case in sorted(records)
            for fault in faults_of(records[case], given.kinds)
            if not given.calls or fault.split(":")[1] in given.calls]
    print(f"{len(jobs)} faults in {len(records)} cases")
    if not given.all:
        found = [{"case": case, "faults": [fault]} for case, fault in FOUND
                 if case in records and not given.calls]
        jobs = found + [job for job in sample(jobs, given.count, pick) if job not in found]
    pairs = pairs_of(records, given.pairs, pick) if "kills" in given.kinds else []
    return jobs, pairs


def sweep(given):
    pick = random.Random(given.seed)
    chosen = [case for case in CASES if applies(case, given.cases)]
    if given.only:
        chosen = [":".join(given.only.split(":", 2)[:2])]
    began = time.monotonic()
    pool = Pool(given)
    records, flaws = record_all(pool, chosen)
    jobs, pairs = plan(given, records, pick)
    print(f"seed {given.seed}: {len(jobs)} faults and {len(pairs)} pairs, "
          f"{given.workers} workers", flush=True)
    tally, second = Tally(records), Tally(records)
    for job, answer in pool.each(jobs):
        tally.add(job, answer)
    for job, answer in pool.each(pairs):
        second.add(job, answer)
    pool.end()
    tally.report()
    if pairs:
        print("pairs: a kill, and a fault in the run after it")
        second.report()
    seconds = time.monotonic() - began
    print(f"{seconds:.0f} s, {1000 * seconds / max(1, len(jobs) + len(pairs)):.0f} ms a fault")
    bad = tally.bad + second.bad + flaws
    late = bool(given.limit) and not given.all and seconds > given.limit
    if late:
        print(f"the limit is {given.limit} s")
    print(f"# PASS:  {tally.runs + second.runs - tally.bad - second.bad}\n# FAIL:  {bad + late}")
    return bool(bad or late)


def misbehave(given):
    pool = Pool(given)
    answers = list(pool.each(list(children.jobs(given.ways))))
    pool.end()
    return bool(children.report(answers))


def main():
    words = argparse.ArgumentParser(prog="tests/sweep/run")
    words.add_argument("gshare")
    words.add_argument("inject")
    words.add_argument("--all", action="store_true", help="every fault, not a sample")
    words.add_argument("--seed", default="gshare")
    words.add_argument("--count", type=int, default=CI_RUNS, help="faults in a sample")
    words.add_argument("--pairs", type=int, default=CI_PAIRS, help="kills with a second fault")
    words.add_argument("--kinds", default="errors,stays,kills", type=lambda text: text.split(","))
    words.add_argument("--cases", default="", help="commands or cases, such as 'add,init:a'")
    words.add_argument("--calls", default="", type=lambda text: text.split(",") if text else [])
    words.add_argument("--only", help="one fault, as a failure names it")
    words.add_argument("--limit", type=int, default=0, help="seconds that the sweep may take")
    words.add_argument("--children", action="store_true", help="programs that misbehave, instead")
    words.add_argument("--ways", help="one way to misbehave, with --children")
    words.add_argument("--workers", type=int, default=os.cpu_count())
    given = words.parse_args()
    given.gshare, given.inject = map(os.path.abspath, (given.gshare, given.inject))
    if given.only:
        given.workers = 1
    if given.children:
        given.workers *= WAITING
        return misbehave(given)
    return sweep(given)


if __name__ == "__main__":
    sys.exit(main())
