#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Files that cannot be replaced: bound, read-only, immutable. TAP on stdout.

usage: obstacles.py GSHARE [--count N] [--seed TEXT] [--only I]

Runs on the machine that configs.py makes. The file is named with the cause before anything is
changed, also by a dry run, and each command that is printed works: then the same run succeeds.
"""

import argparse
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from configs import ENV, HOST, SHARE, build_machine, install, run, tmpfs

EXPORTS, CLUSTER = "/etc/exports", "/run/env/cluster.env"
INIT = ("leader", "init", SHARE, "--follower", HOST)
WRITE = ("env", "leader", "--write", CLUSTER)
TREE = "/run/tree"
FSTAB = TREE + "/etc/fstab"
MOUNT = ("follower", "mount", "192.0.2.1", "--export", SHARE, "--root", TREE)


class Wrong(Exception):
    """What must not be."""


def sh(*argv):
    subprocess.run(argv, check=True, stdout=subprocess.DEVNULL)


def bind(path):
    Path("/run/bound").write_bytes(Path(path).read_bytes())
    sh("mount", "--bind", "/run/bound", path)


def read_only(path):
    sh("mount", "-o", "remount,ro", os.path.dirname(path))


def flag(word, of_dir=False):
    return lambda path: sh("chattr", word, os.path.dirname(path) if of_dir else path)


def tidy(path):
    """Whatever a row has done is undone; errors are for those that did not."""
    folder = os.path.dirname(path)
    run("umount", path)
    run("mount", "-o", "remount,rw", folder)
    run("chattr", "-i", "-a", folder)
    run("chattr", "-i", "-a", path)


# Name: what is done to which file, the run, the cause, and the commands of the fix, in their order.
ROWS = {
    "exports is bound": (bind, EXPORTS, INIT, "FILE_MOUNTED",
                         ["--exports-file /etc/exports.d/gshare.exports"]),
    "exports is read-only": (read_only, EXPORTS, INIT, "FILE_READ_ONLY",
                             ["mount -o remount,rw /etc"]),
    "exports is immutable": (flag("+i"), EXPORTS, INIT, "FILE_IMMUTABLE",
                             [f"chattr -i {EXPORTS}",
                              "--exports-file /etc/exports.d/gshare.exports"]),
    "exports is append-only": (flag("+a"), EXPORTS, INIT, "FILE_IMMUTABLE",
                               [f"chattr -a {EXPORTS}",
                                "--exports-file /etc/exports.d/gshare.exports"]),
    "its directory is immutable": (flag("+i", True), EXPORTS, INIT, "FILE_IMMUTABLE",
                                   ["chattr -i /etc",
                                    "--exports-file /etc/exports.d/gshare.exports"]),
    "cluster.env is bound": (bind, CLUSTER, WRITE, "FILE_MOUNTED", []),
    "cluster.env is read-only": (read_only, CLUSTER, WRITE, "FILE_READ_ONLY",
                                 ["mount -o remount,rw /run/env"]),
    "cluster.env is immutable": (flag("+i"), CLUSTER, WRITE, "FILE_IMMUTABLE",
                                 [f"chattr -i {CLUSTER}"]),
    "fstab of a tree is bound": (bind, FSTAB, MOUNT, "FILE_MOUNTED",
                                 ["--no-persist"]),
    "fstab of a tree is immutable": (flag("+i"), FSTAB, MOUNT, "FILE_IMMUTABLE",
                                     [f"chattr -i {FSTAB}", "--no-persist"]),
}


def parts(text):
    """The commands of "fix     ...", each from sudo on."""
    line = next((x for x in text.splitlines() if x.strip().startswith("fix")), "")
    return ["sudo" + part.rstrip("; ") for part in
            line.replace("; or without this file: sudo", "\0").replace(" sudo", "\0").split("\0")[1:]]


def begin(row):
    obstacle, path, verb, _, _ = row
    install(type("Nothing", (), {"files": {EXPORTS: b"/srv/b 10.1.1.1(ro)\n"}}), True)
    os.makedirs("/run/env", exist_ok=True)
    if not os.path.ismount("/run/env"):
        tmpfs("/run/env")
    Path(CLUSTER).write_text("A=1\n", encoding="ascii")
    os.makedirs("/etc/exports.d", exist_ok=True)
    shutil.rmtree(TREE, ignore_errors=True)
    os.makedirs(TREE + "/etc")
    Path(FSTAB).write_text("# of others\n", encoding="ascii")
    if verb is WRITE:
        run(ARGS.gshare, *INIT, env=ENV)
    try:
        obstacle(path)
    except subprocess.CalledProcessError:
        return False
    return True


def look(verb, cause, want):
    for words in (verb, (*verb, "--dry-run")):
        done = run(ARGS.gshare, *words, env=ENV)
        commands = parts(done.stderr)
        if done.returncode != 1 or cause not in done.stderr or len(commands) != len(want) or not all(
                w in c for w, c in zip(want, commands)):
            raise Wrong(f"{words}: {done.returncode} {done.stderr} {done.stdout}")
    return commands


def play(row):
    _, path, verb, cause, want = row
    try:
        for i in range(len(want) or 1):
            if not begin(row):
                return "# SKIP no such flag on this file system"
            before = Path(path).read_bytes()
            if verb is INIT and Path(SHARE, "files").exists():
                raise Wrong("the share is there before")
            commands = look(verb, cause, want)
            if Path(path).read_bytes() != before or (verb is INIT and Path(SHARE, "files").exists()):
                raise Wrong("something was done")
            if not commands:
                return ""
            words = shlex.split(commands[i].replace(" -n", ""))
            words = words[1:] if words[1] != "gshare" else [ARGS.gshare, *words[2:]]
            done = run(*words, env=ENV)
            # The way round leaves the file as it is.
            again = done if words[0] == ARGS.gshare else run(ARGS.gshare, *verb, env=ENV)
            if done.returncode or again.returncode:
                raise Wrong(f"{words}: {done.returncode} {done.stderr}; {again.stderr}")
            tidy(path)
    finally:
        tidy(path)
    return ""


RECORDS = "/var/lib/gshare"


def play_records():
    """The journal is written before anything is changed."""
    for make, want in ((("mount", "-o", "remount,ro", "/var/lib"), "mount -o remount,rw /var/lib"),
                       (("chattr", "+i", RECORDS), f"chattr -i {RECORDS}")):
        install(type("Nothing", (), {"files": {}}), True)
        os.makedirs(RECORDS, 0o700)
        sh(*make)
        done = run(ARGS.gshare, *INIT, env=ENV)
        if done.returncode != 1 or want not in done.stderr or Path(SHARE, "files").exists():
            raise Wrong(f"{make}: {done.returncode} {done.stderr}")
        sh(*want.split())
        done = run(ARGS.gshare, *INIT, env=ENV)
        if done.returncode:
            raise Wrong(f"after {want}: {done.stderr}")
    return ""


def main():
    global ARGS
    parser = argparse.ArgumentParser()
    parser.add_argument("gshare")
    for name in ("--count", "--seed", "--only"):
        parser.add_argument(name)
    ARGS = parser.parse_args()
    build_machine()
    bad = 0
    plays = {name: lambda row=row: play(row) for name, row in ROWS.items()}
    plays["the journal"] = play_records
    for i, (name, go) in enumerate(plays.items()):
        try:
            print(f"ok {i + 1} - {name} {go()}".rstrip(), flush=True)
        except Wrong as wrong:
            bad += 1
            print(f"not ok {i + 1} - {name}\n# " + str(wrong).replace("\n", "\n# "), flush=True)
    print(f"1..{len(plays)}")
    return bool(bad)


if __name__ == "__main__":
    sys.exit(main())
