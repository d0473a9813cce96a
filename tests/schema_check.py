#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The JSON that gshare really prints against data/gshare.schema.json.

usage: schema_check.py GSHARE SCHEMA     TAP on stdout; needs python3-jsonschema
       schema_check.py SCHEMA <OBJECT    one object, such as one from a real leader

Most of the commands work offline on a tree of their own. Applying needs root; without it the
dry runs and the errors are left.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

try:
    import jsonschema
except ImportError:
    jsonschema = None

FILES = {
    "passwd": "root:x:0:0::/root:/bin/sh\nubuntu:x:1000:1000::/home/ubuntu:/bin/sh\n",
    "group": "root:x:0:\nubuntu:x:1000:\n",
    "exports": "# mine\n/srv/media 10.1.1.0/24(ro,sync,no_subtree_check)\n",
    "fstab": "",
}

# words, wanted status; {root} is the tree. In this order: each finds what the ones before left.
OFFLINE = (
    ("leader init --owner ubuntu --follower 192.168.18.8 --dry-run --root {root}", 0),
    ("leader init --owner ubuntu --follower 192.168.18.8 --root {root}", 0),
    ("leader init --owner ubuntu --follower 192.168.18.8 --root {root}", 0),
    ("leader add 192.168.18.9:ro --root {root}", 0),
    ("leader add 192.168.18.9:rw --dry-run --root {root}", 0),
    ("leader ro 192.168.18.9 --root {root}", 0),
    ("leader rw 192.168.18.9 --root {root} --dry-run", 0),
    ("leader ro --root {root}", 2),
    ("leader remove 192.168.18.9 --root {root}", 0),
    ("follower mount 192.168.18.13 /mnt/a --export /srv/x --id 7c1e52d0 --root {root}", 0),
    ("follower mount 192.168.18.13 /mnt/a --export /srv/x --id 00000001 --root {root}", 0),
    ("follower mount 192.168.18.13 /mnt/b --export /srv/x --root {root} --dry-run", 0),
    ("follower mount 192.168.18.13 --export /mnt/data/shared --root {root}", 1),
    ("follower unmount /mnt/a --forget --dry-run --root {root}", 0),
    ("follower unmount /mnt/a --forget --root {root}", 0),
    ("follower unmount --root {root}", 0),
    ("verify {root}", 0),
    ("verify {root} --as container", 3),
)
ERRORS = (
    ("", 3),
    ("status", 3),
    ("status word", 2),
    ("frobnicate", 2),
    ("leader frobnicate", 2),
    ("leader init relative", 2),
    ("leader init --follower *", 2),
    ("leader init /etc", 1),
    ("leader add", 2),
    ("leader ro --drain soon", 2),
    ("leader init --root /", 2),
    ("leader init --root //.", 2),
    ("leader status --path relative", 2),
    ("leader ro --all 192.168.18.8", 2),
    ("follower mount", 2),
    ("follower mount 192.168.18.13 --id nonsense", 2),
    ("follower unmount relative", 2),
    ("follower unmount /mnt/a /mnt/b", 2),
    ("follower status relative", 2),
    ("follower status /nowhere", 3),
    ("verify relative", 2),
    ("explain", 0),
    ("explain server_down", 0),
    ("explain NOTHING_SUCH", 2),
    ("doctor relative /nowhere", 2),
    ("doctor /nowhere/at/all", 3),
    ("doctor --list", 0),
    ("doctor --list all", 2),
    ("doctor --list --only SERVER_DOWN", 2),
    ("doctor --peer-report", 0),
    ("doctor --peer-report --list", 2),
    ("doctor --peer relative", 2),
    ("doctor --peer /nowhere/at/all", 1),
    ("doctor --peer /etc/passwd", 1),
    ("doctor --bundle relative", 2),
    ("doctor --bundle /tmp/x --fix", 2),
    ("doctor --bundle /tmp/x --list", 2),
    ("doctor --bundle /tmp/x --peer-report", 2),
    ("doctor --bundle /etc/passwd", 1),
    ("doctor --bundle /nowhere/at/all", 1),
    ("doctor --only ,", 2),
    ("doctor --only NOT_ACTIV", 2),
    ("doctor /nowhere/at/all --only server_down,NOT_ACTIVE", 3),
    ("history word", 2),
    ("undo three", 2),
    ("undo 4000000000", 1),
    ("env leader --path /nowhere", 3),
    ("env follower --path /nowhere", 3),
)


def complaints(schema, text):
    """Return what is wrong with the text of one object, as lines."""
    try:
        thing = json.loads(text)
    except ValueError as error:
        return [f"not JSON: {error}", text]
    validator = jsonschema.Draft202012Validator(schema)
    return [f"{'/'.join(map(str, e.path))}: {e.message}" for e in validator.iter_errors(thing)]


def run(gshare, words):
    """Run gshare WORDS --json; return the finished process."""
    clean = {k: v for k, v in os.environ.items()
             if not k.startswith("SUDO_") and k not in ("DOAS_USER", "PKEXEC_UID")}
    return subprocess.run([gshare, *words, "--json"], stdin=subprocess.DEVNULL, env=clean,
                          capture_output=True, text=True, timeout=60, check=False)


def check_all(gshare, schema):
    """Print TAP; return how many cases failed."""
    failed = number = 0
    with tempfile.TemporaryDirectory() as root:
        (Path(root) / "etc").mkdir()
        os.chmod(root, 0o755)
        for name, text in FILES.items():
            (Path(root) / "etc" / name).write_text(text, encoding="utf-8")
        cases = OFFLINE + ERRORS if os.geteuid() == 0 else OFFLINE[:1] + ERRORS
        for line, status in cases:
            number += 1
            result = run(gshare, line.format(root=root).split())
            wrong = complaints(schema, result.stdout)
            if result.returncode != status:
                wrong.append(f"status {result.returncode}, not {status}: {result.stdout}")
            print(f"{'not ok' if wrong else 'ok'} {number} - {line.format(root='ROOT')}")
            for text in "\n".join(wrong).splitlines():
                print(f"# {text}")
            failed += bool(wrong)
    print(f"1..{number}")
    return failed


def main():
    if not jsonschema:
        must = os.environ.get("GSHARE_MUST_RUN") == "1"
        print("1..0 # SKIP python3-jsonschema is not installed")
        return 1 if must else 0
    schema = json.loads(Path(sys.argv[-1]).read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    if len(sys.argv) == 2:
        wrong = complaints(schema, sys.stdin.read())
        print("\n".join(wrong) or "valid")
        return 1 if wrong else 0
    return 1 if check_all(sys.argv[1], schema) else 0


if __name__ == "__main__":
    sys.exit(main())
