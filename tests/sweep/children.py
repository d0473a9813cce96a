# SPDX-License-Identifier: GPL-2.0-or-later
"""Programs that gshare starts and that misbehave: a row for each program, way and command."""

import time
from pathlib import Path

import machine

# "late" misbehaves only where it counts: not in the private check, not when it is merely asked.
TOOLS = {
    "exportfs": ("/usr/sbin/exportfs", "[ -d /var/lib/nfs/etc ]"),
    "systemctl": ("/usr/bin/systemctl", '[ "${1#is-}" != "$1" ] || [ "$1" = show ]'),
    "apt-get": ("/usr/bin/apt-get", None),
    "ufw": ("/usr/sbin/ufw", None),
    "firewall-cmd": ("/usr/bin/firewall-cmd", '[ "${*%--list-all-zones}" != "$*" ]'),
    "nft": ("/usr/sbin/nft", '[ "${*#*list}" != "$*" ]'),
    "iptables": ("/usr/sbin/iptables", None),
    "iptables-save": ("/usr/sbin/iptables-save", None),
}
# What the program does instead of its work; None where the file itself is what is wrong.
WAYS = {
    "missing": None,
    "not executable": None,
    "exit 1": "exit 1",
    "no effect": "exit 0",
    "killed": "kill -KILL $$",
    "hangs": "exec sleep 600",
    "works, hangs": '{real} "$@"; exec sleep 600',
    "floods": "yes | head -c 10485760; yes | head -c 10485760 >&2; exit 0",
    "garbage": r"printf '\377\000\033[31m%s\n' '%n /a b(rw' >&2; printf '/a\t*(rw\n\377'; exit 0",
}
CASES = ("init:a", "add:c", "ro:c")
UNITS = ("forget:f", "undo:g")  # what systemctl alone is run for
# What the tool of a firewall is run for.
RULES = {"ufw": ("add:u", "remove:v", "undo:v"), "firewall-cmd": ("add:w", "remove:x"),
         "nft": ("add:n", "remove:o"), "iptables": ("add:i", "remove:j"),
         "iptables-save": ("add:i", "remove:j")}
RULED = sorted({case for cases in RULES.values() for case in cases})
# Without its program such a firewall is not in charge.
BEARERS = ("ufw", "firewall-cmd", "nft", "iptables-save")
# A package manager is run where the server is missing: without the one, and what it brings back.
MANAGERS = ("apt-get",)
SERVER, GONE = Path("/usr/sbin/exportfs"), Path("/usr/sbin/exportfs.gone")
INSTALL_S = 2
LEFT = 6  # the status that says: not everything could be undone
KILLER = "kill -KILL $PPID; exit 1"
TIMEOUT_S, SLACK_S = 2, 0.5
TRIES = 3  # of a run that is late: on a busy machine the least of them counts


def is_run(tool, when, case):
    """Has the row something to show that no other has?"""
    if tool in MANAGERS:
        return case == "init:a"
    if case in UNITS:
        return tool == "systemctl"
    if case in RULED or tool in RULES:
        return case in RULES.get(tool, ())
    return tool == "exportfs" or case == "init:a" or when == "always"


def jobs(only=None):
    for tool in TOOLS:
        for way, script in WAYS.items():
            if only and way != only:
                continue
            if tool in BEARERS and not script:
                continue
            late = script and TOOLS[tool][1]
            for when in ("always", "late", "after a kill") if late else ("always",):
                for case in (*CASES, *UNITS, *RULED):
                    if is_run(tool, when, case):
                        yield {"case": case, "tool": tool, "way": way, "when": when}


class Broken:
    """The program is broken inside, and what it was again outside."""

    def __init__(self, job, script):
        path, early = TOOLS[job["tool"]]
        self.path, self.aside = Path(path), Path(path + ".real")
        self.way, self.manages = job["way"], job["tool"] in MANAGERS
        escape = f'{{ {early}; }} && exec {self.aside} "$@"\n' if job["when"] != "always" else ""
        script = (script or "").replace("{real}", str(self.aside))
        self.script = f"#!/bin/sh\n{escape}{script}\n"

    def __enter__(self):
        if self.manages:
            SERVER.rename(GONE)
        self.path.rename(self.aside)
        if self.way == "missing":
            return
        self.path.write_text(self.script, encoding="ascii")
        self.path.chmod(0o644 if self.way == "not executable" else 0o755)

    def __exit__(self, *_):
        self.aside.replace(self.path)
        if self.manages and GONE.is_symlink():
            GONE.rename(SERVER)


def misbehaved(case, job):
    """One run with the program broken, in a machine that it or a kill left; and its seconds."""
    machine.restore(case.before)
    words = (*case.words, "--timeout", str(TIMEOUT_S))
    if job["tool"] in MANAGERS:
        words += ("--install-timeout", str(INSTALL_S))
    if job["when"] == "after a kill":
        with Broken(job, KILLER):
            machine.run(words)
    began = time.monotonic()
    with Broken(job, WAYS[job["way"]]):
        done = machine.run(words)
    return done, time.monotonic() - began


def judge(case, job):
    """What came of it: {"status", "seconds", "flaws", "said"}."""
    flaws = []
    limit_s = TIMEOUT_S + SLACK_S + (INSTALL_S if job["tool"] in MANAGERS else 0)
    for _ in range(TRIES):
        done, seconds = misbehaved(case, job)
        if seconds <= limit_s:
            break
    whole = machine.tree()
    seen = machine.view(whole)
    if done.returncode == 0 and seen != case.new:
        flaws.append("it says done, and is not")
    if done.returncode not in (0, LEFT) and seen != case.old:
        flaws.append("not everything was taken back")
    if any(seen.get(path) not in (case.old.get(path), case.new.get(path))
           for path in case.old.keys() | seen.keys()):
        flaws.append("a file is neither old nor new")
    if machine.leftovers(whole):
        flaws.append("a temporary is left")
    if seconds > limit_s:
        flaws.append("it is late")
    if (job["way"], job["when"]) == ("works, hangs", "late") and done.returncode != LEFT:
        flaws.append("taking back hangs, and it does not say what is left")
    again = machine.run(case.words)
    if again.returncode or machine.view(machine.tree()) != case.new:
        flaws.append("the next run does not converge")
    return {"status": done.returncode, "seconds": seconds, "flaws": flaws, "said": done.stdout + done.stderr}


def report(answers):
    """Print the table; return how many rows are bad."""
    print(f"{'program':<10} {'way':<15} {'when':<12} {'command':<8} status  seconds")
    bad = 0
    for job, answer in sorted(answers, key=lambda pair: list(pair[0].values())[1:]):
        print(f"{job['tool']:<10} {job['way']:<15} {job['when']:<12} {job['case']:<8} "
              f"{answer['status']:>6}  {answer['seconds']:7.1f}  {'; '.join(answer['flaws'])}")
        if answer["flaws"]:
            bad += 1
            print("".join(f"    {line}\n" for line in answer["said"].splitlines()), end="")
    print(f"# PASS:  {len(answers) - bad}\n# FAIL:  {bad}")
    return bad
