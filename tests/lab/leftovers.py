# SPDX-License-Identifier: GPL-2.0-or-later
"""Leftovers: what labs that ended have left on this machine; there must never be any."""

import fcntl
import os
import re
import shutil
import sys
import time
from pathlib import Path

from lab.image import CACHE

WAIT_S = 5  # the kernel takes a moment to end what a killed run's processes held
RUN = re.compile(re.escape(f"{CACHE}/run.").encode() + rb"\w+")


def leftovers(timeout=WAIT_S):
    """Return directories and processes of runs that ended, waiting a moment for them to go."""
    deadline = time.monotonic() + timeout
    while True:
        found = [f"directory {path}" for path in CACHE.glob("tmp.*")]
        found += [f"directory {path}" for path in CACHE.glob("run.*") if not is_held(path)]
        found += [
            f"process {pid} of {path}" for path, pid in processes() if not is_held(path)
        ]
        if not found or time.monotonic() > deadline:
            return found
        time.sleep(0.1)


def processes():
    """Return (directory, pid) for each process of any run: kernels, and what holds networks."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            run = RUN.search((entry / "cmdline").read_bytes())
        except OSError:
            continue  # it ended meanwhile
        if run:
            found.append((Path(run[0].decode()), int(entry.name)))
    return found


def sweep():
    """Remove the directories of runs that were killed outright."""
    for directory in CACHE.glob("run.*"):
        lock = hold(directory)
        if lock is not None:
            shutil.rmtree(directory, ignore_errors=True)
            os.close(lock)


def hold(directory):
    """Lock a run's directory, as every run does while it lives; None when another has it."""
    try:
        lock = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        return None
    return lock


def is_held(directory):
    """Whether the run of that directory still lives."""
    lock = hold(directory)
    if lock is None:
        return directory.exists()
    os.close(lock)
    return False


if __name__ == "__main__":
    left = leftovers()
    print(f"left by the lab: {len(left)}", *left, sep="\n  ")
    sys.exit(1 if left else 0)
