#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Others edit /etc/exports while gshare does: nobody's update may be lost. TAP on stdout.

usage: editors.py GSHARE [--count N] [--seed TEXT] [--only I]

Runs inside namespaces of its own, on the machine that configs.py makes. First two runs of gshare
at once, and an editor that strikes at a chosen moment of a run; then rounds at random: an editor
at work all the time, either one that reads the file, writes another and renames it over, as vim
does, or one that appends in place, as >> does; and runs of gshare, again and again until one is
done. A run that ends with 0 must be in the file and in force; any other must have changed nothing.

An editor that reads before gshare's exchange and renames after it loses gshare's update: no lock
is shared, so nobody can keep that from happening. gshare must notice where that was before its
last look. Such rounds are counted by themselves.
"""

import argparse
import os
import pickle
import random
import re
import select
import subprocess
import sys
import time
from pathlib import Path

from configs import ETAB, SHARE, build_machine, etab, run

EXPORTS = Path("/etc/exports")
FOREIGN = "# of others\n/srv/a  -sync,no_subtree_check  10.9.0.1(rw) \\\n\t10.9.0.2\n/srv/b 10.9.0.3(ro)\n"
FOLLOWERS = [f"10.9.0.{n}" for n in range(40, 46)]
ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin", "SUDO_UID": "1000", "LC_ALL": "C"}
TRIES = 150
TICK_S = 0.01  # the times of files are those of the last timer tick
CHANGED = "has changed since it was read"
OPEN = "is open for writing"
OWN = re.compile(r"^# (?:mine|appended) \d+\n", re.M)

# In the place of exportfs: before or after the real one runs it waits for the test. The check runs
# where the real /etc is below /var/lib/nfs.
WRAPPER = """#!/bin/sh
phase=apply
[ ! -d /var/lib/nfs/etc ] || phase=check
await() {
	[ -e "/run/stop-$1" ] || return 0
	: >/run/there
	while [ -e "/run/stop-$1" ]; do sleep 0.005; done
}
await "$phase-before"
/run/exportfs.real "$@"
status=$?
await "$phase-after"
exit $status
"""


def gshare(program, words):
    """Start gshare."""
    return subprocess.Popen([program, *words.split()], env=ENVIRONMENT, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def install(program):
    """A share for one follower, beside exports of others, in force."""
    for name in ("/srv/a", "/srv/b", SHARE):
        Path(name).mkdir(parents=True, exist_ok=True)
    EXPORTS.write_text(FOREIGN, encoding="ascii")
    ETAB.touch()
    run("/usr/sbin/exportfs", "-ra")
    done = run(program, "leader", "init", "--follower", "10.9.0.7", env=ENVIRONMENT)
    assert done.returncode == 0, done


def entry(text, host):
    """What the file gives a follower: "ro", "rw" or None."""
    found = re.search(rf"^{re.escape(SHARE)} {re.escape(host)}\((r[ow]),", text, re.M)
    return found[1] if found else None


def in_force(host):
    """What etab gives a follower."""
    options = etab().get((SHARE, host))
    return options and ("ro" if ",ro," in f",{options}," else "rw")


def rename_over(text):
    """Replace the file as an editor does."""
    temp = Path("/etc/.exports.swp")
    temp.write_text(text, encoding="ascii")
    temp.rename(EXPORTS)


# ---- editors at work all the time ----------------------------------------------------------------


class Editor:
    """A process of its own that edits until it is told to stop."""

    def __init__(self, kind, seed):
        self.heard, tell = os.pipe()
        stop, self.hold = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            status = 1
            try:
                os.close(self.hold)
                log = KINDS[kind](random.Random(seed), lambda s: select.select([stop], [], [], s)[0])
                with open(tell, "wb") as out:
                    pickle.dump(log, out)
                status = 0
            finally:
                os._exit(status)
        os.close(tell)
        os.close(stop)

    def finish(self):
        """Stop it; return what it did."""
        os.close(self.hold)
        with open(self.heard, "rb") as log:
            done = pickle.load(log)
        os.waitpid(self.pid, 0)
        return done


def pauses(pick):
    """Seconds, again and again; longer ones as time goes on, so that a slow build finds a gap."""
    began = time.monotonic()
    while True:
        yield pick.random() * pick.choice((0.004, 0.03, 0.06)) * (1 + time.monotonic() - began)


def renamer(pick, stopped):
    """Add and remove a line, each time from what stands there; return (base, text, time)."""
    log, pause = [], pauses(pick)
    while not stopped(next(pause)):
        base = EXPORTS.read_text(encoding="ascii")
        text = OWN.sub("", base)
        if text == base:
            line = f"# mine {pick.randrange(10**9)}\n"
            text = line + base if pick.random() < 0.5 else base + line
        time.sleep(pick.choice((0, 0.0005, 0.003)))
        rename_over(text)
        log.append((base, text, time.time()))
    return log


def appender(pick, stopped):
    """Append a line each time; return the lines. The file is open for a moment before."""
    log, pause = [], pauses(pick)
    while not stopped(next(pause)):
        line = f"# appended {pick.randrange(10**9)}\n"
        with open(EXPORTS, "a", encoding="ascii") as file:
            time.sleep(pick.choice((0, 0, 0.0005)))
            file.write(line)
        log.append(line)
    return log


KINDS = {"rename": renamer, "append": appender}


class Round:
    """One editor, and gshare until it is done."""

    def __init__(self, program, seed):
        self.pick = random.Random(seed)
        self.program = program
        self.kind = self.pick.choice(sorted(KINDS))
        self.flaws, self.said = [], ""
        self.retries = self.told = 0
        self.is_overwritten = False

    def need(self, holds, flaw):
        if not holds:
            self.flaws.append(flaw)

    def choose(self, text):
        """A command that changes something: host, words and what must then be there."""
        host = self.pick.choice(FOLLOWERS)
        now = entry(text, host)
        verb = self.pick.choice({None: ["add"], "ro": ["rw", "remove"], "rw": ["ro", "remove"]}[now])
        wish = {"add": "rw", "rw": "rw", "ro": "ro", "remove": None}[verb]
        return host, f"leader {verb} {host}", now, wish

    def judge(self):
        """Return whether all went well."""
        before = OWN.sub("", EXPORTS.read_text(encoding="ascii"))
        rename_over(before)
        host, words, was, wish = self.choose(before)
        editor = Editor(self.kind, self.pick.random())
        status, tries = None, 0
        while status != 0 and tries < TRIES:
            tries += 1
            process = gshare(self.program, words)
            out, err = process.communicate(timeout=30)
            status = process.returncode
            self.said += f"--- {words}: status {status}\n{out}{err}"
            if status:
                self.need(status in (1, 6) and (CHANGED in err or OPEN in err),
                          f"status {status}, and not since the file had changed")
                self.told += status == 6
        log = editor.finish()
        self.retries = tries - 1
        text = EXPORTS.read_text(encoding="ascii")
        self.need(status == 0, f"not done in {tries} tries")
        self.judge_file(before, text, host, was, wish, log)
        self.need(not [n for n in os.listdir("/etc") if n.startswith(".gshare")], "a temporary")
        if self.flaws:
            short = re.sub(rf"(?:{OWN.pattern})+", "# the editor's\n", text, flags=re.M)
            self.said += f"before:\n{before}now:\n{short}"
        run("/usr/sbin/exportfs", "-ra")
        return not self.flaws

    def judge_file(self, before, text, host, was, wish, log):
        """Whose updates are there, and whose are not."""
        mine = OWN.findall(text)
        if self.kind == "append":
            lost = [line for line in log if line not in mine]
            self.need(not lost, f"lines of the editor are lost: {lost}")
        elif log:
            self.need(mine == OWN.findall(log[-1][1]), "the editor's last update is lost")
        for line in FOREIGN.splitlines(True):
            self.need(line in text, f"a line of others is lost: {line}")
        for other in set(FOLLOWERS) - {host}:
            self.need(entry(text, other) == entry(before, other), f"{other} was changed")
        if entry(text, host) == wish:
            self.need(in_force(host) == wish, "in the file and not in force")
            return
        # What came last then never saw gshare's update, and came after it was in force.
        applied = ETAB.stat().st_mtime
        renames = log if self.kind == "rename" else []
        stale = [at for base, _, at in renames if entry(base, host) == was]
        self.is_overwritten = bool(stale) and stale[-1] > applied - TICK_S
        self.need(self.is_overwritten, f"done, and not in the file: {entry(text, host)}, not {wish}")


# ---- chosen moments ------------------------------------------------------------------------------


def stale(state):
    """An editor that read the file before gshare began."""
    rename_over(state["base"] + "# mine 1\n")


def fresh(state):
    """An editor that reads what stands there now."""
    del state
    rename_over(EXPORTS.read_text(encoding="ascii") + "# mine 1\n")


def append(state):
    """>> as the shell does it."""
    del state
    with open(EXPORTS, "a", encoding="ascii") as file:
        file.write("# appended 1\n")


def held(state):
    """An editor that has had the file open for writing since before gshare began."""
    os.write(state["fd"], b"# appended 1\n")


def open_late(state):
    """Open the file that had this name before gshare began, as one that found it before does."""
    return os.open(f"/proc/self/fd/{state['found']}", os.O_WRONLY | os.O_APPEND)


def late(state):
    """>> that found the file by its name before the exchange, and opens it after."""
    fd = open_late(state)
    os.write(fd, b"# appended 1\n")
    os.close(fd)


def late_held(state):
    """The same, and the file stays open."""
    state["fd"] = open_late(state)
    os.write(state["fd"], b"# appended 1\n")


# Moment, editor, status of gshare, what it says, whether its update is there.
MOMENTS = [
    ("check-after", stale, 1, CHANGED, False),
    ("check-after", fresh, 1, CHANGED, False),
    ("check-after", append, 1, CHANGED, False),
    ("check-after", held, 1, CHANGED, False),
    ("check-after", late, 1, CHANGED, False),
    ("check-after", late_held, 1, CHANGED, False),
    # What gshare wrote is gone, and what stands there is not its own to put back: status 6.
    ("apply-before", stale, 6, CHANGED, False),
    ("apply-before", fresh, 0, "", True),
    ("apply-before", append, 0, "", True),
    ("apply-before", held, 1, OPEN, False),
    ("apply-before", late, 1, CHANGED, False),
    ("apply-before", late_held, 1, OPEN, False),
    ("apply-after", stale, 6, CHANGED, False),
    ("apply-after", fresh, 0, "", True),
    ("apply-after", append, 0, "", True),
    ("apply-after", held, 1, OPEN, False),
    ("apply-after", late, 1, CHANGED, False),
    ("apply-after", late_held, 1, OPEN, False),
]


def strike(program, moment, editor, status, says, is_there):
    """Run gshare leader add, and the editor in the middle of it; return the flaws."""
    base = OWN.sub("", EXPORTS.read_text(encoding="ascii"))
    rename_over(base)
    host = "10.9.0.50"
    state = {"base": base, "fd": -1, "found": os.open(EXPORTS, os.O_RDONLY)}
    if editor is held:
        state["fd"] = os.open(EXPORTS, os.O_WRONLY | os.O_APPEND)
    stop, there = Path(f"/run/stop-{moment}"), Path("/run/there")
    stop.touch()
    process = gshare(program, f"leader add {host}")
    while process.poll() is None and not there.exists():
        time.sleep(0.002)
    editor(state)  # where gshare ended before, the editor comes after it
    stop.unlink()
    there.unlink(missing_ok=True)
    out, err = process.communicate(timeout=30)
    for name in ("fd", "found"):
        if state[name] >= 0:
            os.close(state[name])
    text = EXPORTS.read_text(encoding="ascii")
    flaws = []
    for holds, flaw in (
        (process.returncode == status, f"status {process.returncode}, not {status}"),
        (says in err, f"does not say '{says}'"),
        (OWN.findall(text), "the editor's update is lost"),
        (entry(text, host) == ("rw" if is_there else None), f"the entry: {entry(text, host)}"),
        (in_force(host) == entry(text, host), f"in force: {in_force(host)}"),
        (FOREIGN in text, "lines of others changed"),
    ):
        if not holds:
            flaws.append(flaw)
    rename_over(base)
    run("/usr/sbin/exportfs", "-ra")
    return [*flaws, f"{out}{err}", text] if flaws else []


def judge_moments(program, report):
    """Strike at each of the moments."""
    subprocess.run(["cp", "/usr/sbin/exportfs", "/run/exportfs.real"], check=True)
    Path("/run/exportfs").write_text(WRAPPER, encoding="ascii")
    Path("/run/exportfs").chmod(0o755)
    subprocess.run(["mount", "--bind", "/run/exportfs", "/usr/sbin/exportfs"], check=True)
    for moment, editor, status, says, is_there in MOMENTS:
        flaws = strike(program, moment, editor, status, says, is_there)
        report(not flaws, f"{editor.__name__} editor, {moment}", flaws)
    judge_holder(program, report)
    subprocess.run(["umount", "/usr/sbin/exportfs"], check=True)


# ---- two at once ---------------------------------------------------------------------------------


def judge_pairs(program, report, pick, count=30):
    """Two runs for different followers at almost the same instant, again and again."""
    tally = {0: 0, 5: 0}
    flaws = []
    for n in range(count):
        verb, wish = ("remove", None) if n % 2 else ("add", "rw")
        pair, ended = {}, {}
        for host in FOLLOWERS[:2]:
            pair[host] = gshare(program, f"leader {verb} {host}")
            time.sleep(pick.choice((0, 0.001, 0.005, 0.01, 0.02)))
        for host, process in pair.items():
            out, err = process.communicate(timeout=30)
            status = process.returncode
            tally[status] = tally.get(status, 0) + 1
            ended[host] = status
            if status not in (0, 5):
                flaws.append(f"status {status}: {out}{err}")
            holder = next(pair[peer].pid for peer in pair if peer != host)
            if status == 5 and f"(pid {holder}" not in err:
                flaws.append(f"without the holder's pid: {err}")
        text = EXPORTS.read_text(encoding="ascii")
        for host, status in ended.items():
            if status == 0 and not entry(text, host) == in_force(host) == wish:
                flaws.append(f"done, and {entry(text, host)}, {in_force(host)}, not {wish}: {text}")
            if status == 5:
                run(program, "leader", verb, host, env=ENVIRONMENT)
    report(not flaws, f"{count} pairs at once: statuses {tally}", flaws)


def judge_holder(program, report):
    """A second gshare while the first stands still in its check: refused, and told whom for."""
    stop, there = Path("/run/stop-check-before"), Path("/run/there")
    stop.touch()
    first = gshare(program, f"leader add {FOLLOWERS[0]}")
    while first.poll() is None and not there.exists():
        time.sleep(0.002)
    second = run(program, "leader", "add", FOLLOWERS[1], "--wait", "0", env=ENVIRONMENT)
    stop.unlink()
    there.unlink()
    out, err = first.communicate(timeout=30)
    is_good = (second.returncode == 5 and f"(pid {first.pid}, leader add)" in second.stderr
               and first.returncode == 0 and in_force(FOLLOWERS[0]) == "rw"
               and not entry(EXPORTS.read_text(encoding="ascii"), FOLLOWERS[1]))
    report(is_good, "a second gshare names the first", [str(second), out, err])
    run(program, "leader", "remove", FOLLOWERS[0], env=ENVIRONMENT)


# ---- all of it -----------------------------------------------------------------------------------


def main():
    words = argparse.ArgumentParser()
    words.add_argument("gshare")
    words.add_argument("--count", type=int, default=200)
    words.add_argument("--seed", default="gshare")
    words.add_argument("--only", type=int, default=-1)
    given = words.parse_args()
    program = os.path.abspath(given.gshare)
    mountd = build_machine()
    try:
        install(program)
        return judge_all(program, given)
    finally:
        mountd.kill()
        mountd.wait()


def judge_all(program, given):
    """Print the results; return whether one was bad."""
    results = []

    def report(is_good, name, shown):
        results.append(is_good)
        print("ok" if is_good else "not ok", f"{len(results)} - {name}")
        if not is_good:
            print(re.sub("^", "# ", "\n".join(shown).rstrip(), flags=re.M))
        sys.stdout.flush()

    print(f"# seed {given.seed}, {given.count} rounds")
    if given.only < 0:
        judge_pairs(program, report, random.Random(given.seed))
        judge_moments(program, report)
    tally = {kind: {"rounds": 0, "retries": 0, "told": 0, "overwritten": 0, "bad": 0} for kind in KINDS}
    bad = []
    for i in range(given.count) if given.only < 0 else [given.only]:
        turn = Round(program, f"{given.seed} {i}")
        is_good = turn.judge()
        counts = tally[turn.kind]
        counts["rounds"] += 1
        counts["retries"] += turn.retries
        counts["told"] += turn.told
        counts["overwritten"] += turn.is_overwritten
        counts["bad"] += not is_good
        if not is_good or given.only >= 0:
            bad.append(f"{turn.said}round {i}: {'; '.join(turn.flaws)}")
    for kind, counts in tally.items():
        report(not counts["bad"], f"an editor that works by {kind}: {counts}", [])
    for shown in bad[:5]:
        print(re.sub("^", "# ", shown.rstrip(), flags=re.M))
    print(f"1..{len(results)}")
    return not all(results)


if __name__ == "__main__":
    sys.exit(main())
