#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Somebody who may write in the share swaps the probe's file while verify is at work: see README.

usage: probes.py GSHARE INJECT [--kinds LIST] [--only KIND:P:CALL:N]

gshare is stopped before each system call that it makes while its file has a name, the file is
swapped, and it goes on. Whatever was put in the file's place has to be as it was.
"""

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

LIMIT_S = 40
OWNER = 1000
SHARE, OUTSIDE = Path("/srv/share"), Path("/srv/outside")
SECRET, CARD, OPEN = OUTSIDE / "secret", SHARE / ".gshare-id", OUTSIDE / "open"
DIRS = ("uploads", "files", "datasets")
TOOLS = Path("/srv/tools")
HOOK, CALLS, SWAPPED = TOOLS / "hook", TOOLS / "calls", TOOLS / "swapped"
WORDS = ("verify", SHARE, "--as", str(OWNER), "--timeout", "20")
STATUSES = (0, 3)

# What takes the place of "$file". A hard link of a file of root's is what a follower can make:
# nfsd's LINK asks for no fs.protected_hardlinks.
PUT = 'mv -T .put "$file"'
KINDS = {
    "secret": f"ln {SECRET} .put; {PUT}",
    "open": f"ln {OPEN} .put; {PUT}",
    "id": f"ln {CARD} .put; {PUT}",
    "link": f"ln -s {SECRET} .put; {PUT}",
    "fifo": f"mkfifo -m 666 .put; {PUT}",
    "directory": f'mkdir .put; rm "$file"; {PUT}',
    "second": 'ln "$file" .put',
    "gone": 'rm "$file"',
}
SWAP = """#!/bin/sh
set -e
for file in %s/*/.gshare-probe-*; do
    [ -e "$file" ] || continue
    cd "${file%%/*}"
    %s
    : >%s
done
"""


# ---- the scene ---------------------------------------------------------------------------------


def build():
    """A share, and beside it on the same file system what nobody but root may change."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", "/srv"], check=True)
    for path in (SHARE, OUTSIDE, TOOLS, *(SHARE / name for name in DIRS)):
        path.mkdir()
    for name in DIRS:
        os.chown(SHARE / name, 0, OWNER)
        os.chmod(SHARE / name, 0o2775)
    for path, mode in ((SECRET, 0o600), (OPEN, 0o644), (CARD, 0o444)):
        path.write_text(f"{path}\n" * 300, encoding="ascii")
        path.chmod(mode)


def victims():
    """All that can be seen of them, but what a link more or less leaves."""
    found = {}
    for path in (SECRET, OPEN, CARD):
        info = os.lstat(path)
        found[path] = (info.st_ino, info.st_mode, info.st_uid, info.st_gid, info.st_mtime_ns,
                       path.read_bytes(), os.listxattr(path))
    return found


def clear():
    SWAPPED.unlink(missing_ok=True)
    for name in DIRS:
        for entry in os.scandir(SHARE / name):
            if entry.is_dir(follow_symlinks=False):
                os.rmdir(entry.path)
            else:
                os.unlink(entry.path)


def run(*before, gshare):
    with subprocess.Popen([*before, gshare, *WORDS], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        out, _ = process.communicate(timeout=LIMIT_S + 10)
    return process.returncode, out.decode(errors="replace")


def calls_of(gshare, inject):
    """The calls made while a probe's file has a name, and of those the ones that must notice."""
    status, said = run(inject, "-o", CALLS, "record", gshare=gshare)
    if status:
        raise SystemExit(f"undisturbed, verify ends with {status}: {said}")
    near, seen, alive = [], {}, {}
    for line in CALLS.read_text().splitlines():
        call, _, path = line.partition(" ")
        who, name, _ = call.split(":")
        is_probe = "/.gshare-probe-" in path
        if alive.get(who):
            near.append(call)
        if is_probe and name == "openat":
            alive[who] = True
        if is_probe and name == "newfstatat":
            seen[who] = len(near)  # the last look before the file is removed
        if name == "unlinkat" and is_probe:
            alive[who] = False
    who_of = [call.split(":")[0] for call in near]
    noticed = {call for i, call in enumerate(near) if i < seen.get(who_of[i], 0)}
    clear()
    return near, noticed


# ---- one stop ----------------------------------------------------------------------------------


def flaws(kind, status, said, must_notice, before):
    after = victims()
    for path, entry in before.items():
        if after[path] != entry:
            yield f"{path} was changed by root: {entry[1:5]}, now {after[path][1:5]}, " \
                  f"{len(after[path][5])} bytes"
    if status not in STATUSES:
        yield f"verify ends with {status}"
    if SWAPPED.exists() and must_notice and (status != 3 or "PROBE_SWAPPED" not in said):
        yield f"the swap is not told ({kind})"


def main():
    words = argparse.ArgumentParser(prog="tests/sweep/run probes")
    words.add_argument("gshare")
    words.add_argument("inject")
    words.add_argument("--kinds", default=",".join(KINDS), type=lambda text: text.split(","))
    words.add_argument("--only", help="one stop, as a failure names it")
    given = words.parse_args()
    if "GSHARE_PROBES" not in os.environ:
        return subprocess.run(
            ["unshare", "-m", "-n", "-p", "--fork", "--kill-child", "--mount-proc",
             "--propagation", "private", sys.executable, __file__, *sys.argv[1:]],
            env={**os.environ, "GSHARE_PROBES": "inside"}, check=False).returncode
    build()
    calls, noticed = calls_of(given.gshare, given.inject)
    bad, stops, began = 0, 0, time.monotonic()
    for kind in [given.only.split(":")[0]] if given.only else given.kinds:
        HOOK.write_text(SWAP % (SHARE, KINDS[kind], SWAPPED), encoding="ascii")
        HOOK.chmod(0o755)
        swaps = 0
        for call in [given.only.split(":", 1)[1]] if given.only else calls:
            before = victims()
            status, said = run(given.inject, "-l", str(LIMIT_S), "-o", CALLS, "-x", HOOK,
                               f"{call}:SWAP", gshare=given.gshare)
            found = list(flaws(kind, status, said, call in noticed, before))
            swaps += SWAPPED.exists()
            stops += 1
            bad += bool(found)
            if found or given.only:
                print(f"{'FLAW' if found else 'run'} {kind}:{call}   status {status}", *found,
                      *said.splitlines(), sep="\n    ", file=sys.stderr, flush=True)
            clear()
            if any(path_now != then for path_now, then in zip(victims().values(),
                                                              before.values())):
                for path, entry in before.items():
                    os.chmod(path, 0o600)
                    path.write_bytes(entry[5])
                    os.chown(path, 0, 0)
                    os.chmod(path, entry[1] & 0o7777)
        print(f"  {swaps:>5}  swaps by {kind}", flush=True)
    print(f"probes: {stops} stops, {bad} with a flaw; whole {time.monotonic() - began:.0f} s")
    print(f"# PASS:  {stops - bad}\n# FAIL:  {bad}")
    return bool(bad)


if __name__ == "__main__":
    sys.exit(main())
