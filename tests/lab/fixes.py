# SPDX-License-Identifier: GPL-2.0-or-later
"""Fixes: which commands the guests' gshare printed as a fix, and which of them a scene then ran.

usage: python3 -m lab.fixes DIR     what is in DIR, left there by runs of all scenes with
                                    --fixes=DIR; status 1 when a fix was run by no scene, or an
                                    exception has been run after all

What is printed is reduced to a shape: the finding's id and the command without its hosts, paths and
numbers. A shape counts as run when a scene, after it was printed, gave the command as printed to the
node that it is for (scene.py: run_fix, gone_after). A command that only looks is run there by the
recorder itself, at once. A fix that is advice is listed, no more.
"""

import json
import os
import re
import shlex
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent

ADMIN = "ubuntu"

# Shapes that no lab can run, each with its reason. Reviewed with every new row.
EXCEPTIONS = {
    "NO_FOLLOWER: gshare leader add --path": "HOST is for the administrator to fill in",
}

NAMED = re.compile(r"(?:\(|^cause: )([A-Z][A-Z0-9_]+)\)?$")
PRINTED = re.compile(r"^ *fix:? +(.*)$")
FOR_NODE = re.compile(r"\bon (\S+) run: ")
PROGRAMS = re.search(r"^programs='(.*)'$", (HERE.parent / "run-commands.sh").read_text(), re.M)[1]
COMMAND = re.compile(rf"(?:^|: )((?:[A-Z_]+=\S+ )?(?:{PROGRAMS}|find|getent|sh|test) \S.*)$")
SAME = {"--json", "--quiet"}  # options that change no effect
# What may stand before and behind a command that is run as it is printed.
BEFORE = r"(?:^|[;&|\n(])\s*(?:[A-Z_]+=\S+ +|timeout \d+ +|exec +)*"
BEHIND = r"(?= *(?:$|--yes|--json|2>|[;&|\n)]))"
SHAPES = (
    (re.compile(r"'(?:[^']|'\\'')*'"), lambda quoted: "WORD" if "/" in quoted[0] else quoted[0]),
    (re.compile(r"(?<=')\d+(?=s#)"), "N"),  # sed's line
    (re.compile(r"\b(?:UUID=)?[0-9a-f]{8}-[0-9a-f-]{27}\b"), "UUID"),
    (re.compile(r"\b\d+\.\d+\.\d+\.\d+(?:/\d+)?(?::r[ow])?"), "HOST"),
    (re.compile(r"\b[0-9a-f]*:[0-9a-f:]+:[0-9a-f]+(?:/\d+)?"), "HOST"),
    (re.compile(r"\b\d+(?:\\\.\d+){3}"), "HOST"),
    (re.compile(r"(?<![\w<])/[\w./@%+,{}*-]*"), "PATH"),
    (re.compile(r"(?<![\w-])[0-9a-f]{8}\b"), "ID"),
    (re.compile(r"\b\d+\b"), "N"),
)


def parts(fix):
    """Split a fix into [(node, text, command)]; no node: this one; no command: advice."""
    found = []
    for text in split(fix):
        node = FOR_NODE.search(text)
        if node:
            found.append((node[1], text, text[node.end() :]))
            continue
        command = COMMAND.search(text)
        found.append((None, text, command[1] if command else None))
    return found


def split(fix):
    """Split at each "; " that is not in quotes; an apostrophe within a word is none."""
    texts, text, quote = [], "", ""
    for at, char in enumerate(fix):
        if char in "'\"" and quote in ("", char) and (quote or not fix[at - 1 : at].isalnum()):
            quote = "" if quote else char
        if not quote and fix.startswith("; ", at):
            texts.append(text)
            text = ""
        else:
            text += char
    return [piece.strip() for piece in [*texts, text]]


def shape(code, node, text):
    """Return the key of a command or of advice."""
    words = re.sub(r"\bsudo ", "", text)
    gshare = re.match(r"gshare (\S+)(?: (\w+))?", words)
    if gshare and "&&" not in words:
        verb = f"{gshare[1]} {gshare[2]}" if gshare[1] in ("leader", "follower") else gshare[1]
        options = set(re.findall(r"(?<= )--[a-z-]+", words)) - SAME
        words = " ".join([f"gshare {verb}", *sorted(options)])
    for pattern, name in SHAPES:
        words = pattern.sub(name, words)
    words = re.sub(r"\b(\w+)( \1\b)+", r"\1", words)
    return f"{code}: {'on HOST: ' if node else ''}{words}"


def told(out, err):
    """Return [(id, fix)] of what a command printed, as text or as JSON; as doctor's text, without
    what follows from another finding: its fix is that one's."""
    found = []
    if out.startswith("{"):
        try:
            shown = json.loads(out)
        except ValueError:
            shown = None
        if isinstance(shown, dict):
            cases = shown.get("cases", ())
            follows = {case["id"] for case in cases if case.get("because")}
            follows -= {case["id"] for case in cases if not case.get("because")}
            found += [(f.get("id"), f["fix"]) for f in shown.get("findings", ())
                      if f.get("fix") and f.get("id") not in follows]
    for stream in (out, err):
        before = ""
        for line in stream.splitlines():
            printed = PRINTED.match(line)
            if printed:
                code = NAMED.search(before)
                found.append((code and code[1], printed[1]))
            before = line.rstrip()
    return found


# What changes nothing, and what it exits with when it has shown something, be it that there is
# nothing.
LOOKS = (
    (re.compile(r"ip route get "), {0, 2}),
    (re.compile(r"(df|ss|findmnt|fuser -v|ip(?! link set)|namei|readlink|journalctl|nfsidmap|"
                r"repquota)\b"),
     {0, 1}),
    (re.compile(r"exportfs -v|iptables -S |systemctl list-unit-files$"), {0}),
    (re.compile(r"(systemctl status|ping (-M do -s \d+ )?-c) "), {0, 1, 3, 4}),
    (re.compile(r"getent "), {0, 2}),
    (re.compile(r"gshare (history|status|(leader|follower) status)\b"), {0, 1, 3}),
    (re.compile(r"gshare doctor --peer-report$"), {0}),
    (re.compile(r"gshare doctor$"), {0, 1, 3}),
)
LOOK_S = 30


def only_looks(command):
    """Whether a command changes nothing."""
    return any(look.match(bare(command)) for look, _ in LOOKS) and "&&" not in command


class Record:
    """What was printed and run by this process."""

    def __init__(self):
        self.commands, self.advice, self.run = {}, {}, set()
        self.guests = {}  # address or name: guest
        self._scene, self._open, self._looks = "", [], []

    def begin(self, scene):
        """Begin a scene: what earlier ones printed does not count as run by it."""
        self._scene, self._open, self._looks = scene, [], []

    def starts(self, guest, command):
        """A command is given to a guest."""
        plain = bare(command)
        for node, fix, key in self._open:
            if key not in self.run and node == guest and fix in plain and is_run(fix, plain):
                self.run.add(key)

    def ends(self, guest, out, err):
        """A command in a guest has ended, and this is what it printed."""
        if "fix" not in out and "fix" not in err:
            return
        for code, fix in told(out, err):
            for node, text, command in parts(fix):
                self._note(guest, code or "-", node, text, command)

    def look(self):
        """Run what only looks and was not run yet, on its node as its administrator would."""
        looks, self._looks = self._looks, []
        for where, command, fits, key in looks:
            guest = self.guests[where]
            if key in self.run or not guest.is_up:
                continue
            job = guest.start(runs(guest, command), touches=False)
            done = job.wait(LOOK_S, check=False)
            if done.status not in fits or "not found" in done.err:
                raise AssertionError(f"what was printed does not run: {done}")

    def _note(self, guest, code, node, text, command):
        key = shape(code, node, command or text)
        where = (self.guests[node].name if node in self.guests else None) if node else guest
        if not command or not where:  # there is nobody to run it: a peer is no guest
            self.advice.setdefault(key, f"{text}   [{self._scene}]")
            return
        self.commands.setdefault(key, f"{text}   [{self._scene}]")
        if key not in self.run:
            self._open.append((where, bare(command), key))
            fits = next((fits for look, fits in LOOKS if look.match(bare(command))), None)
            if fits and "&&" not in command.replace("&& df", ""):
                self._looks.append((where, command, fits, key))

    def save(self, directory):
        """Leave it in a directory, beside what other processes leave."""
        Path(directory).mkdir(parents=True, exist_ok=True)
        shown = {"commands": self.commands, "advice": self.advice, "run": sorted(self.run)}
        (Path(directory) / f"{os.getpid()}.json").write_text(json.dumps(shown, indent=1))


RECORD = Record()


def runs(guest, command):
    """Return the command with which a guest's administrator, who is not root, runs a fix."""
    RECORD.starts(guest.name, command)
    words = f"bash -c {shlex.quote(command)}"
    return f"if id -u {ADMIN} >/dev/null 2>&1; then runuser -u {ADMIN} -- {words}; else {words}; fi"


def bare(command):
    """Return a command without sudo, and with one blank where there are several."""
    return re.sub(r"(?<![\w/-])sudo (?!-)", "", re.sub(r"[ \t]+", " ", command)).strip()


def is_run(fix, command):
    """Whether a shell that is given the command runs the fix as it is printed."""
    return re.search(BEFORE + re.escape(fix) + BEHIND, command) is not None


def merged(directory):
    """Return (commands, advice, run) of all that was left in a directory."""
    commands, advice, run = {}, {}, set()
    for file in sorted(Path(directory).glob("*.json")):
        shown = json.loads(file.read_text())
        commands = {**shown["commands"], **commands}
        advice = {**shown["advice"], **advice}
        run |= set(shown["run"])
    return commands, advice, run


def report(directory):
    """Print what was never run; whether that is too much."""
    commands, advice, run = merged(directory)
    left = sorted(set(commands) - run - set(EXCEPTIONS))
    stale = sorted(key for key in EXCEPTIONS if key in run)
    for title, keys, texts in (
        ("printed, and run by no scene", left, commands),
        ("excepted, but run", stale, commands),
        ("excepted", sorted(set(EXCEPTIONS) & set(commands)), EXCEPTIONS),
        ("advice, or for a node that is no guest", sorted(advice), advice),
        ("run", sorted(run), commands),
    ):
        print(f"{title}: {len(keys)}")
        for key in keys:
            print(f"  {key}\n      {texts.get(key, '')}")
    print(f"{len(run)} passed, {len(left) + len(stale)} failed")
    return left or stale or not commands


if __name__ == "__main__":
    sys.exit(1 if report(sys.argv[1]) else 0)
