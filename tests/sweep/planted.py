#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The sweep must find the faults of planted/: a test that cannot fail proves nothing.

usage: planted.py TOP BUILD INJECT

Each patch goes into a copy of the tree, gshare is built there, and a small directed part of the
sweep runs; it has to fail, and for the reason that the row names.
"""

import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent

# Patch: the words of sweep.py (or "races" or "probes" and those of that, or a test of make check), and
# what it has to say.
PLANTED = {
    "no-fsync": (("--cases", "ro:c", "--calls", "none"), "before its data is synced"),
    "no-directory-fsync": (("--cases", "ro:c", "--calls", "none"), "is not synced after"),
    "in-place-write": (("--cases", "ro:c", "--calls", "write,ftruncate", "--kinds", "kills"),
                       "a managed file is neither old nor new"),
    "status-trusted": (("--children", "--ways", "no effect"), "it says done, and is not"),
    "no-rollback": (("--cases", "ro:c", "--calls", "clone,pipe2,execve", "--kinds", "errors"),
                    "it says unchanged, and is not"),
    "terminal-kept": (("tests/t-seal",), "2 has something"),
    "umount-by-path": (("races", "--cases", "unmount"), "the other mount on"),
    "probe-by-name": (("probes", "--kinds", "secret"), "was changed by root"),
}


def run(*words, **more):
    return subprocess.run(list(map(str, words)), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, errors="replace", check=False, **more)


def must(*words, **more):
    done = run(*words, **more)
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, words))}\n{done.stdout}")


def copy_tree(top, build, to):
    """Sources and one build, times kept: make has nothing to do in it."""
    tree = to / "tree"
    tree.mkdir()
    for entry in top.iterdir():
        if entry.name not in (".git", "build"):
            must("cp", "-a", entry, tree)
    # Two levels down, like any build directory that ../../configure was run in.
    (tree / "build").mkdir()
    must("cp", "-a", build, tree / "build/plain")
    return tree


def is_found(tree, name, inject):
    words, reason = PLANTED[name]
    patch = HERE / "planted" / f"{name}.patch"
    must("patch", "-s", "-p1", "-i", patch, cwd=tree)
    must("make", "-s", "-C", tree / "build/plain", "gshare")
    gshare = tree / "build/plain/gshare"
    if words[0] == "races":
        library = inject.parent / "nfsname.so"
        done = run(sys.executable, HERE / "races.py", gshare, inject, library, *words[1:])
    elif words[0] == "probes":
        done = run(sys.executable, HERE / "probes.py", gshare, inject, *words[1:])
    elif words[0].startswith("tests/"):
        must("make", "-s", "-C", tree / "build/plain", words[0])
        done = run(tree / "build/plain" / words[0])
    else:
        done = run(sys.executable, HERE / "sweep.py", gshare, inject, "--pairs", "0",
                   "--count", "40", *words)
    must("patch", "-s", "-R", "-p1", "-i", patch, cwd=tree)
    if done.returncode and reason in done.stdout:
        return True
    print(done.stdout)
    return False


def main():
    top, build, inject = map(Path, sys.argv[1:4])
    missed = 0
    with tempfile.TemporaryDirectory(prefix="gshare-planted-") as directory:
        tree = copy_tree(top, build, Path(directory))
        for name in PLANTED:
            began = time.monotonic()
            found = is_found(tree, name, inject)
            missed += not found
            print(f"planted {name}: {'found' if found else 'NOT FOUND'}, "
                  f"{time.monotonic() - began:.1f} s", flush=True)
        shutil.rmtree(tree, ignore_errors=True)
    print(f"# PASS:  {len(PLANTED) - missed}\n# FAIL:  {missed}")
    return bool(missed)


if __name__ == "__main__":
    sys.exit(main())
