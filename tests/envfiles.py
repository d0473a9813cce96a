#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Odd cluster.env files through env --write, and what the real readers find then. TAP on stdout.

usage: envfiles.py GSHARE [--count N] [--seed TEXT] [--only I]

Runs on the machine that configs.py makes. A reader finds the values that were written, or a finding
names it with what it finds instead; Docker Compose always does, or the file is refused. The fix, as
printed, leaves nothing of it in gshare's lines and no other byte changed.
"""

import argparse
import json
import os
import shlex
import sys
from pathlib import Path

import envreaders
from configs import ENV, HOST, SHARE, build_machine, install, run

FILE = Path("/srv/cluster.env")
MARK = b"\xef\xbb\xbf"
OLD = b"NODE_TYPE=old\n"
VALUES = {"ENABLE_CLUSTER_MODE": "true", "NODE_TYPE": "leader",
          "LOCAL_DATASET_CACHE_DIR": SHARE + "/", "POSTGRES_HOST": "postgres"}
NAMES = {"docker --env-file": "docker run --env-file", "bash": "a shell", "dash": "a shell",
         "systemd": "systemd", "python-dotenv": "python-dotenv", "node": "node"}

# What is in the file, and what is at fault: nothing, gshare's line, another, or Compose refuses.
FINE, OWN, OTHER, BOTH, REFUSED = "fine", "own", "other", "both", "refused"
ROWS = {
    "nothing": (b"", FINE), "no final newline": (OLD[:-1], FINE),
    "indented": (b"  " + OLD, FINE), "quoted": (b"NODE_TYPE='old # x'\n", FINE),
    "a comment": (b"NODE_TYPE=old # it's\n", OWN), "a comment after a tab": (b"NODE_TYPE=old\t# c\n", OWN),
    "a comment after tabs": (b"NODE_TYPE=old\t\t# c\n", OWN),
    "a comment, the value there": (b"NODE_TYPE=leader\t# c\n", OWN),
    "a blank behind": (b"NODE_TYPE=old \n", OWN), "a tab behind": (b"NODE_TYPE=old\t\n", OWN),
    "export": (b"export " + OLD, OWN), "export and a tab": (b"export\t" + OLD, OWN),
    "blanks round =": (b"NODE_TYPE = old\n", OWN), "a blank before =": (b"NODE_TYPE =old\n", OWN),
    "a blank after =": (b"NODE_TYPE= old\n", OWN),
    "a colon": (b"NODE_TYPE: old\n", OWN), "a tight colon": (b"NODE_TYPE:old\n" + OLD, OWN),
    "a mark": (MARK + OLD, OWN), "a mark above": (MARK + b"A=1\n" + OLD, FINE),
    "a mark before a comment": (MARK + b"# c\n\n" + OLD, OTHER),
    "CRLF": (b"A=1\r\nNODE_TYPE=old\r\nB=1\r\n", OWN), "CRLF above": (b"A=1\r\n" + OLD, FINE),
    "a blank and CRLF": (b"NODE_TYPE=old \r\n", OWN),
    "a comment and CRLF": (b"NODE_TYPE=old # c\r\n", OWN),
    "all at once": (MARK + b"export NODE_TYPE = old\t# c\r\n", OWN),
    "twice": (OLD + b"export NODE_TYPE=older\n", OWN),
    "a backslash above": (b"A=c:\\\n" + OLD, OWN), "two above": (b"A=c:\\\\\n" + OLD, FINE),
    "a comment with one": (b"# c \\\n" + OLD, OWN),
    "a quote is open": (b'A="x\n' + OLD, REFUSED), "a quote below": (OLD + b"A='x\n", REFUSED),
    "a backslash hides a quote": (b"A='c:\\'\n" + OLD, REFUSED),
    "a backslash is escaped": (b'A="c:\\\\"\n' + OLD, FINE),
    "a line sets it too": (OLD + b'A="x" NODE_TYPE=z\n', REFUSED),
    "words": (b"foo bar\n" + OLD, REFUSED), "a semicolon": (b";c\n" + OLD, REFUSED),
    "an odd name": (b"A!=1\n" + OLD, REFUSED), "a variable is open": (b"A=${x\n" + OLD, REFUSED),
    "several lines": (b'A="x\ny"\n' + OLD, FINE),
    "an apostrophe above": (b"A=it's\n" + OLD, OTHER), "one between": (OLD + b"A=it's\n", OTHER),
    "two round it": (b"A=it's\n" + OLD + b"B=it's\n", OTHER),
    "export above": (b"export A=1\n" + OLD, OTHER), "blanks above": (b"A = 1\n" + OLD, OTHER),
    "a blank above": (b"A= 1\n" + OLD, FINE), "no name": (b"=x\n" + OLD, OTHER),
    "a word": (b"foo\n" + OLD, OTHER), "a word further up": (b"foo\n\n# c\n" + OLD, OTHER), "a bracket": (b"A=(x\n" + OLD, OTHER),
    "a bracket closes": (b"A=x)\n" + OLD, OTHER), "a command": (b"A=$(date)\n" + OLD, FINE),
    "a command is open": (b"A=$(x\n" + OLD, OTHER), "a backquote": (b"A=`x\n" + OLD, OTHER),
    "a pipe": (b"A=a|\n" + OLD, OTHER), "an ampersand": (b"A=a&b;c\n" + OLD, FINE),
    "Latin 1": (b"A=\xe4\n" + OLD, OTHER), "Latin 1 in a comment": (b"# \xe4\n" + OLD, OTHER),
    "both": (b"export A=1\nexport " + OLD, BOTH),
}


MUST_READ = {"bash", "dash", "python-dotenv"}
if os.environ.get("GSHARE_COMPOSE"):
    MUST_READ.add("Docker Compose")


class Wrong(Exception):
    """What a row must not lead to."""


def gshare(program, *words):
    done = run(program, "env", "leader", "--write", str(FILE), "--json", *words, env=ENV)
    try:
        return done.returncode, json.loads(done.stdout)
    except ValueError:
        raise Wrong(f"no JSON: {done.stdout}{done.stderr}") from None


def findings(answer):
    return [f for f in answer["findings"] if f["id"] == "ENV_READ_DIFFERENTLY"]


def check_readers(found):
    """Each reader that is here finds the values, or a finding names it."""
    is_twice = FILE.read_bytes().count(b"NODE_TYPE") > 1
    texts = " ".join(f["text"] for f in found)
    for name, read in envreaders.READERS.items():
        is_named = name in NAMES and NAMES[name] in texts
        values = read(str(FILE))
        differs = [k for k, v in VALUES.items() if values is None or values.get(k) != v]
        # A line that a reader does not see does no harm where it sees another that says the same.
        if bool(differs) != is_named and not (is_named and is_twice):
            raise Wrong(f"{name} reads {values and {k: values.get(k) for k in VALUES}}: {texts}")
        for key in differs if values is not None else []:
            if values.get(key) is not None and shown(values[key]) not in texts:
                raise Wrong(f"{name} reads {key} as {values[key]!r}: {texts}")


def shown(value):
    return "'" + "".join(f"\\{ord(c):03o}" if c < " " else c for c in value) + "'"


def others(text):
    """The lines that set none of the four keys, but for empty ones."""
    return [line for line in text.split(b"\n") if line.strip(b"\r")
            and not any(key.encode() in line for key in VALUES)]


def play(program, text, fault):
    FILE.write_bytes(text)
    status, answer = gshare(program)
    if fault == REFUSED:
        error = json.dumps(answer)
        if status != 1 or "Docker Compose" not in error + "Docker Compose" * ("quote" in error) or FILE.read_bytes() != text:
            raise Wrong(f"status {status}: {answer}")
        return
    found = findings(answer)
    if status or bool(found) != (fault != FINE):
        raise Wrong(f"status {status}: {found or answer}")
    check_readers(found)
    if gshare(program)[1]["changed"] or others(FILE.read_bytes()) != others(text):
        raise Wrong(f"written twice, or lines of others: {FILE.read_bytes()}")
    fixes = {f["fix"] for f in found if f.get("fix")}
    if len(fixes) != (fault in (OWN, BOTH)):
        raise Wrong(f"fixes: {found}")
    for fix in fixes:
        words = shlex.split(fix)
        run(program, *words[words.index("gshare") + 1:], env=ENV)
        left = findings(gshare(program, "--canonical")[1])
        if any(f.get("fix") for f in left) or bool(left) != (fault == BOTH):
            raise Wrong(f"after {fix}: {left}: {FILE.read_bytes()}")
        check_readers(left)
        if others(FILE.read_bytes()) != others(text):
            raise Wrong(f"after {fix}: {FILE.read_bytes()}")


class Nothing:
    files = {}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("gshare")
    for name in ("--count", "--seed", "--only"):
        parser.add_argument(name)
    args = parser.parse_args()
    build_machine()
    install(Nothing, True)
    run(args.gshare, "leader", "init", SHARE, "--follower", HOST, env=ENV)
    print(f"# readers: {', '.join(envreaders.READERS)}; not here: {', '.join(envreaders.ABSENT)}")
    lacking = MUST_READ - set(envreaders.READERS)
    bad = len(lacking)
    for i, (name, (text, fault)) in enumerate(ROWS.items()):
        if args.only not in ("-1", None, str(i)):
            continue
        try:
            play(args.gshare, text, fault)
            print(f"ok {i + 1} - {name}", flush=True)
        except Wrong as wrong:
            bad += 1
            print(f"not ok {i + 1} - {name}\n# {wrong}", flush=True)
    print(f"{'not ok' if lacking else 'ok'} {len(ROWS) + 1} - the readers that tests/all brings")
    print(f"1..{len(ROWS) + 1}")
    return bool(bad)


if __name__ == "__main__":
    sys.exit(main())
