# SPDX-License-Identifier: GPL-2.0-or-later
"""What gshare costs beside the bare commands; see README. Started by the script `run` beside it.

A row is what is measured, what it is held against, and the limit; README says why each is so.
"""

import argparse
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "sweep"))
import machine  # noqa: E402

from scale import USERS, address, many_paths, one_path  # noqa: E402

SHARE, NEW, EXPORTS = machine.SHARE, "10.9.0.77", "/etc/exports"
EXPORTFS = "/usr/sbin/exportfs"
OPTIONS = "(rw,sync,no_subtree_check,all_squash,anonuid=1000,anongid=1000)"
SCRIPT = "/run/bare"
# What a careful person types: is it installed, does it run; then the line and exportfs.
BARE = f"""#!/bin/sh
set -e
command -v exportfs >/dev/null
dpkg -s nfs-kernel-server >/dev/null
systemctl is-active --quiet nfs-server
echo '{SHARE} {NEW}{OPTIONS}' >>{EXPORTS}
exportfs -ra
"""
# The machine's own systemctl has no server to ask; this answers for both sides alike.
SYSTEMCTL = "#!/bin/sh\ncase $1 in is-active | is-enabled) ;; *) exit 1 ;; esac\n"


def ms(argv):
    """Wall time of one run, which must succeed, and the processor time of it and its children."""
    begin = time.perf_counter()
    with tempfile.TemporaryFile() as said, subprocess.Popen(
            argv, env=machine.ENV, stdin=subprocess.DEVNULL, stdout=said, stderr=said) as child:
        _, status, used = os.wait4(child.pid, 0)
        spent = (time.perf_counter() - begin) * 1000
        child.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        if child.returncode:
            raise SystemExit(f"{argv}: {child.returncode} {said.read(2000)}")
    return spent, (used.ru_utime + used.ru_stime) * 1000


def gshare(*words):
    return ms([machine.GSHARE, *words, "--timeout", "60"])


def alternate(runs, *sides):
    """Medians of what each side takes; a side is a function that gives ms, then one that mends."""
    times = [[] for _ in sides]
    for _ in range(runs):
        for kept, (measured, mend) in zip(times, sides):
            kept.append(measured())
            mend()
    return [tuple(map(statistics.median, zip(*kept))) for kept in times]


def row(what, measured, limit, against=None, count=1):
    """limit is ms, or a factor where there is something to hold it against, count times."""
    wall, busy = measured
    base_wall, base_busy = (count * part for part in against or (limit, limit))
    ratio = wall / base_wall
    bound = f"{limit:.2f} x {base_wall:.1f}" if against else f"{limit:.0f} ms"
    held = "ok" if ratio <= (limit if against else 1) else "OVER"
    print(f"{what:48}{wall:9.1f}  {bound:>16}  {ratio:6.2f}  {held:4}  {busy:8.1f}  "
          f"{busy / base_busy:6.2f}", flush=True)


def nothing():
    pass


def exports(lines):
    Path(EXPORTS).write_text("\n".join(lines) + "\n", encoding="ascii")
    ms([EXPORTFS, "-ra"])


def build(given):
    """The sweep's machine with one share, the packages of the real one, and our programs."""
    packages = os.open("/var/lib/dpkg", os.O_PATH)
    mountd = machine.build(given.gshare)
    os.mkdir("/var/lib/dpkg")
    # Not by its path, which mount(8) would take: that is the new, empty directory by now.
    subprocess.run(["mount", "--no-canonicalize", "--bind", f"/proc/self/fd/{packages}",
                    "/var/lib/dpkg"], check=True, pass_fds=(packages,))
    machine.install("c")
    machine.put_program("/usr/bin/systemctl", SYSTEMCTL)
    machine.put_program(SCRIPT, BARE)
    return mountd


def version(given):
    took, = alternate(given.runs, (lambda: ms([machine.GSHARE, "--version"]), nothing))
    row("gshare --version", took, 5)


def programs_of(words):
    """The programs that a run starts, in order."""
    with tempfile.NamedTemporaryFile(suffix=".trace") as trace:
        subprocess.run(["strace", "-f", "-qq", "-e", "trace=execve", "-o", trace.name,
                        machine.GSHARE, *words], env=machine.ENV, check=True, capture_output=True)
        text = Path(trace.name).read_text(errors="replace")
    return [re.sub(r'", "|", ', " ", found) for found in
            re.findall(r"execve\(\S+ \[\"(.*?)\"\].*= 0$", text, re.M)][1:]


def init(given):
    words = ("leader", "init", "--follower", machine.RW)
    before = machine.tree()
    took, = alternate(given.runs, (lambda: gshare(*words), nothing))
    row("init, nothing to do", took, 50)
    if shutil.which("strace"):
        for program in programs_of(words):
            print(f"    it runs: {program}")
    print(f"    the machine's tree: {'the same' if machine.tree() == before else 'CHANGED'}")


def add(given):
    text = Path(EXPORTS).read_bytes()

    def withdraw():
        Path(EXPORTS).write_bytes(text)
        ms([EXPORTFS, "-ra"])

    ours, bare = alternate(
        given.runs,
        (lambda: gshare("leader", "add", NEW), lambda: gshare("leader", "remove", NEW)),
        (lambda: ms([SCRIPT]), withdraw))
    row("add, beside the script with its checks", ours, 1.5, bare)


def large(given, what, lines):
    """One more follower beside many, held against the two exportfs that it cannot do without."""
    exports(lines)
    words = ("--path", SHARE)
    ours, once = alternate(
        given.runs,
        (lambda: gshare("leader", "add", NEW, *words),
         lambda: gshare("leader", "remove", NEW, *words)),
        (lambda: ms([EXPORTFS, "-ra"]), nothing))
    row(f"add, {given.entries} {what}, beside exportfs twice", ours, 1.3, once, 2)


def path(given):
    large(given, "on the path", one_path(given.entries))


def others(given):
    for i in range(given.entries):
        Path(f"/srv/p{i}").mkdir(exist_ok=True)
    large(given, "other paths", many_paths(given.entries))


def own(given):
    """gshare's own part, and how it grows: a dry run below --root, which runs no program."""
    with tempfile.TemporaryDirectory() as root:
        etc = Path(root, "etc")
        etc.mkdir()
        (etc / "passwd").write_text("".join(f"{u}:x:{i}:{i}::/:/bin/sh\n" for u, i in USERS))
        (etc / "group").write_text("".join(f"{u}:x:{i}:\n" for u, i in USERS))
        words = ("leader", "add", address(1 << 20), "--path", SHARE, "--dry-run", "--root", root)
        for name, make in (("on the path", one_path), ("other paths", many_paths)):
            for part in (0.25, 0.5, 1, 2):
                n = int(given.entries * part)
                (etc / "exports").write_text("\n".join(make(n)) + "\n", encoding="ascii")
                took, = alternate(given.runs, (lambda: gshare(*words), nothing))
                row(f"parse, plan and show, {n} {name}", took, 50 * max(part, 1))
        (etc / "exports").write_text("\n".join(one_path(1)) + "\n", encoding="ascii")
        for part in (0.25, 0.5, 1, 2):
            n = int(given.entries * part)
            many = [address((1 << 20) + i) for i in range(n)]
            took, = alternate(given.runs, (lambda: gshare(*words, *many), nothing))
            row(f"parse, plan and show, {n} added at once", took, 100 * max(part, 1))


ROWS = {"version": version, "init": init, "add": add, "path": path, "others": others, "own": own}


def main():
    words = argparse.ArgumentParser()
    words.add_argument("gshare")
    words.add_argument("--runs", type=int, default=30)
    words.add_argument("--entries", type=int, default=10000)
    words.add_argument("row", nargs="*")
    given = words.parse_intermixed_args()
    if unknown := set(given.row) - set(ROWS):
        raise SystemExit(f"no such row: {' '.join(unknown)}")
    mountd = build(given)
    try:
        print(f"{f'medians of {given.runs}, ms':48}{'measured':>9}  {'limit':>16}  {'ratio':>6}  held"
              f"  {'busy':>8}  {'ratio':>6}")
        for name, measure in ROWS.items():
            if not given.row or name in given.row:
                measure(given)
    finally:
        mountd.kill()
        mountd.wait()


if __name__ == "__main__":
    os.chdir("/")
    main()
