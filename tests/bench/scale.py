#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""How the leader's verbs grow with the exports files: medians of ms. Judges nothing.

usage: scale.py GSHARE [--runs N] [--sizes N,N...]

Each figure is a dry run below --root on a made-up tree: no exportfs, no server, no name look-up,
only what gshare itself does to read, plan and show. "one path" is a share with N followers,
"N paths" a machine with N exports of others beside a share with one follower.
"""

import argparse
import os
import statistics
import subprocess
import tempfile
from pathlib import Path

SHARE = "/mnt/data/shared"
OPTIONS = "(rw,sync,no_subtree_check,all_squash,anonuid=1000,anongid=1000)"
VERBS = ("add 172.16.0.1", "remove 10.0.1.1", "ro --all", "init --owner data", "destroy")
USERS = (("root", 0), ("ubuntu", 1000), ("data", 1001))


def address(i):
    return f"10.{i >> 16}.{i >> 8 & 255}.{i & 255}"


def one_path(n):
    return [f"# gshare share {SHARE}"] + [f"{SHARE} {address(i)}{OPTIONS}" for i in range(n)]


def many_paths(n):
    return [f"/srv/p{i} {address(i)}{OPTIONS}" for i in range(n)] + one_path(1)


def measure(argv, runs):
    """Return the median of the processor time in ms: the machine may be busy with other things."""
    times = []
    for _ in range(runs):
        with subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as child:
            _, status, used = os.wait4(child.pid, 0)
            child.returncode = os.waitstatus_to_exitcode(status)
        assert child.returncode == 0, argv
        times.append((used.ru_utime + used.ru_stime) * 1000)
    return statistics.median(times)


def main():
    words = argparse.ArgumentParser()
    words.add_argument("gshare")
    words.add_argument("--runs", type=int, default=5)
    words.add_argument("--sizes", default="2500,5000,10000,20000")
    given = words.parse_args()
    sizes = [int(size) for size in given.sizes.split(",")]
    with tempfile.TemporaryDirectory() as root:
        etc = Path(root, "etc")
        etc.mkdir()
        (etc / "passwd").write_text("".join(f"{u}:x:{i}:{i}::/:/bin/sh\n" for u, i in USERS))
        (etc / "group").write_text("".join(f"{u}:x:{i}:\n" for u, i in USERS))
        print(f"{'ms (median)':28}" + "".join(f"{size:>9}" for size in sizes))
        for name, lines in (("one path", one_path), ("N paths", many_paths)):
            for verb in VERBS:
                shown = f"{name}: {verb}"
                print(f"{shown:28}", end="", flush=True)
                for size in sizes:
                    (etc / "exports").write_text("\n".join(lines(size)) + "\n", encoding="ascii")
                    argv = [given.gshare, "leader", *verb.split(), "--path", SHARE, "--dry-run",
                            "--root", root]
                    print(f"{measure(argv, given.runs):9.1f}", end="", flush=True)
                print()


if __name__ == "__main__":
    main()
