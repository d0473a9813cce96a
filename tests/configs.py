#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Random existing configurations, and what the leader's verbs do to them. TAP on stdout.

usage: configs.py GSHARE [--count N] [--seed TEXT] [--only I]

Runs inside mount and network namespaces of its own (run-configs.sh makes them), where it puts
what a leader has: a running server, /etc, /var/lib, /run, /mnt and /srv of its own. For every
configuration and verb: no export of others appears, vanishes or changes in etab; their bytes
stay; a broken file is refused with file:line and nothing changes; twice is once.
"""

import argparse
import difflib
import os
import random
import re
import shutil
import subprocess
import sys
from pathlib import Path

SHARE = "/mnt/data/shared"
HOST = "10.9.0.7"  # the follower that every verb names
ETAB = Path("/var/lib/nfs/etab")
COPIED = ("passwd", "group", "nsswitch.conf", "netconfig", "services", "protocols", "ld.so.cache")
HOSTS = "127.0.0.1 localhost\n10.9.0.31 gpu-1\n10.9.0.32 gpu-2 gpu-2.example\n"

PATHS = ("/srv/a", "/srv/b", "/srv/a/deep", "/srv/gone", '"/srv/with space"', r"/srv/with\040space")
SPELLINGS = (SHARE, SHARE, f'"{SHARE}"', SHARE + "/", "/mnt//data/shared", "/mnt/data/\\163hared")
CLIENTS = ("10.9.0.1", "10.9.0.2", "10.9.0.0/24", "10.9.0.0/255.255.255.0", "10.0.0.0/8", "*",
           "fd00::7", "fd00::/64", "gpu-1", "gpu-2", "gpu-9.invalid", "*.example", "@trusted",
           "10.9.0.5/24")
OPTIONS = ("", "(ro)", "(rw)", "(rw,sync)", "(rw,no_subtree_check)", "(ro,async,insecure)", "()",
           "(rw,all_squash,anonuid=1000,anongid=1000)", "(rw,no_root_squash,subtree_check)",
           "(sec=sys,rw)", "(rw,fsid=5)", "(ro,crossmnt)", "(rw,root_squash,anonuid=99999999999)")
DEFAULTS = ("", "", "", "-ro ", "-rw,sync ", "-sync,no_subtree_check ")
BROKEN = ("/srv/x 10.9.1.1(rw,no_such_option)", "/srv/x 10.9.1.1(rw, sync)",
          "/srv/x 10.9.1.1(anonuid=abc)", "/srv/x 10.9.1.1(rw",
          "/srv/x -nosuch 10.9.1.1(rw)", "/srv/x 10.9.1.1(" + ",".join(["sync"] * 110) + ")",
          "/" + "x" * 1040 + " 10.9.1.1(rw)", f"{SHARE} 10.9.1.1(nosuch)")
OTHERS = ("# a comment", "", "#", "# ends in a backslash \\", "\t", "# gshare is a tool")
ENV = {"PATH": "/usr/sbin:/usr/bin", "SUDO_UID": "1000", "LC_ALL": "C"}
VERBS = {
    "init": f"leader init --follower {HOST}",
    "add": f"leader add {HOST} --path {SHARE}",
    "ro": f"leader ro {HOST} --path {SHARE}",
    "remove": f"leader remove {HOST} --path {SHARE}",
    "destroy": f"leader destroy --yes --path {SHARE}",
}


# ---- the machine ---------------------------------------------------------------------------------


def run(*argv, **more):
    return subprocess.run(argv, capture_output=True, text=True, errors="replace", **more)


def tmpfs(path):
    subprocess.run(["mount", "-t", "tmpfs", "configs", path], check=True)


def build_machine():
    """Put a leader's files into this mount namespace; return the process that is mountd."""
    kept = {name: Path("/etc", name).read_bytes() for name in COPIED if Path("/etc", name).exists()}
    sleep = shutil.which("sleep")
    for path in ("/etc", "/var/lib", "/run", "/mnt", "/srv", "/proc/fs"):
        tmpfs(path)
    for name, data in kept.items():
        Path("/etc", name).write_bytes(data)
    with open("/etc/passwd", "a", encoding="ascii") as passwd:
        passwd.write("configs:x:1000:1000::/:/bin/sh\n")
    Path("/etc/hosts").write_text(HOSTS, encoding="ascii")
    Path("/proc/fs/nfsd").mkdir()
    Path("/proc/fs/nfsd/threads").write_text("8\n", encoding="ascii")
    Path("/run/systemd/system").mkdir(parents=True)
    Path("/run/systemctl").write_text("#!/bin/sh\necho enabled\n", encoding="ascii")
    Path("/run/systemctl").chmod(0o755)
    subprocess.run(["mount", "--bind", "/run/systemctl", "/usr/bin/systemctl"], check=True)
    shutil.copy(sleep, "/run/rpc.mountd")
    Path("/var/lib/nfs").mkdir()
    return subprocess.Popen(["/run/rpc.mountd", "100000"], stdout=subprocess.DEVNULL)


def empty(directory):
    for entry in Path(directory).iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()


def install(config, is_made):
    """Make the machine one that has this configuration in force, and the share or nothing yet."""
    for directory in ("/mnt", "/srv", "/var/lib/nfs"):
        empty(directory)
    for directory in ("/etc/exports.d", "/var/lib/gshare"):
        shutil.rmtree(directory, ignore_errors=True)
    Path("/etc/exports").unlink(missing_ok=True)
    for name in ("/srv/a/deep", "/srv/b", "/srv/with space", SHARE):
        Path(name).mkdir(parents=True)
    if is_made:
        os.chown(SHARE, 1000, 1000)
    for name, text in config.files.items():
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_bytes(text)
    ETAB.touch()
    run("/usr/sbin/exportfs", "-ra")
    return etab()


def etab():
    """What is in force: (path, client) to options."""
    found = {}
    for line in ETAB.read_text(errors="surrogateescape").splitlines():
        path, word = line.split("\t", 1)
        client, _, options = word.partition("(")
        found[path, client] = options
    return found


def files():
    """Every file of exports, and what shows that it was not even rewritten."""
    paths = [Path("/etc/exports"), *sorted(Path("/etc").glob("exports.d/*"))]
    return {str(p): (p.read_bytes(), p.stat().st_ino, p.stat().st_mtime_ns) for p in paths
            if p.exists()}


def tree():
    """All that stands in the share, with modes and owners."""
    return run("find", "/mnt", "-printf", "%p %y %m %U:%G %T@\n").stdout


# ---- configurations ------------------------------------------------------------------------------


class Config:
    """Some files that exportfs reads, made from one seed."""

    def __init__(self, seed):
        self.pick = random.Random(seed)
        self.files = {}
        self.broken = None  # "file:line" of the first line that exportfs stops at
        self.has_share = False
        for name in ("/etc/exports", "/etc/exports.d/site.exports", "/etc/exports.d/z.exports",
                     "/etc/exports.d/not-read"):
            if self.pick.random() < (0.95 if name == "/etc/exports" else 0.3):
                self.files[name] = self.make(name)

    def make(self, name):
        pick = self.pick
        lines = []
        for _ in range(pick.randrange(7)):
            lines += self.line()
        if pick.random() < 0.15 and not name.endswith("not-read"):
            at = pick.randrange(len(lines) + 1)
            if at and lines[at - 1].endswith("\\"):
                at = len(lines)
            lines.insert(at, pick.choice(BROKEN))
            place = f"{name}:{at + 1}"
            self.broken = self.broken or place
        end = "\r\n" if pick.random() < 0.1 and "" not in lines and "\t" not in lines else "\n"
        text = end.join(lines)
        if lines and pick.random() < 0.85:
            text += end
        elif lines and not self.broken and end == "\n" and pick.random() < 0.5:
            text += " \\"
        return text.encode()

    def line(self):
        """One entry or another line, as physical lines without their ends."""
        pick = self.pick
        if pick.random() < 0.2:
            return [pick.choice(OTHERS)]
        is_share = pick.random() < 0.3
        self.has_share |= is_share
        path = pick.choice(SPELLINGS if is_share else PATHS)
        words = []
        for _ in range(pick.choice((1, 1, 1, 2, 3))):
            client = HOST if pick.random() < (0.5 if is_share else 0.2) else pick.choice(CLIENTS)
            gap = " " if pick.random() < 0.05 else ""
            words.append(client + gap + pick.choice(OPTIONS))
        blank = pick.choice((" ", " ", "\t", "  "))
        text = path + blank + pick.choice(DEFAULTS)
        if pick.random() < 0.2:
            return [text + " \\", *(f"\t{word} \\" for word in words[:-1]), "\t" + words[-1]]
        return [text + blank.join(words) + (" # why" if pick.random() < 0.1 else "")]

    def show(self):
        return "".join(f"==> {name}\n{text.decode()}\n" for name, text in self.files.items())


# ---- what must hold ------------------------------------------------------------------------------


def logical(text):
    """The lines as exportfs joins them; a comment joins nothing."""
    lines, open_line = [], None
    for line in text.decode().replace("\r", "").split("\n"):
        if open_line is not None:
            line = open_line + "\n" + line
            open_line = None
        if line.endswith("\\") and not re.search(r"(^|\s)#", line):
            open_line = line
        else:
            lines.append(line)
    lines += [open_line] if open_line is not None else []
    # A last line that ends in a backslash gets a newline before ours: still the same line.
    return [line[:-1] if line.endswith("\\\n") else line for line in lines]


def is_ours(line):
    plain = line.replace('"', "").replace("\\163", "s").replace("//", "/").lstrip()
    return plain.startswith(("# gshare share", "# gshare name", SHARE)) or not plain.strip(" \\\n")


def strangers(before, after):
    """Lines of others that are gone, new or changed."""
    lost = []
    for name in {*before, *after}:
        a = logical(before.get(name, (b"",))[0])
        b = logical(after.get(name, (b"",))[0])
        stood = {*before.get(name, (b"",))[0].decode().replace("\r", "").split("\n")}
        for line in difflib.ndiff(a, b):
            # exportfs does not join behind a path with a quote, an escape or a CR: what looks joined
            # to an entry that goes was a line of its own, and stays.
            if line[0] == "+" and {*line[2:].split("\n")} <= stood:
                continue
            # The comment behind an entry that is removed stays, on a line of its own.
            if line[0] in "+-" and not is_ours(line[2:]) and line.rstrip(" \\") != "+ # why":
                lost.append(f"{name}: {line}")
    return lost


def foreign(table):
    return {key: value for key, value in table.items() if key != (SHARE, HOST)}


class Judge:
    """One configuration and one verb."""

    def __init__(self, gshare, config, verb):
        self.gshare, self.config, self.verb = gshare, config, verb
        self.flaws = []
        self.said = ""

    def need(self, holds, flaw):
        if not holds:
            self.flaws.append(flaw)

    def call(self, *more):
        done = run(self.gshare, *VERBS[self.verb].split(), *more,
                   env=ENV)
        self.said += f"--- status {done.returncode} {' '.join(more)}\n{done.stdout}{done.stderr}"
        return done

    def others(self, table):
        """Exports that the verb may not touch: destroy takes the whole share, init its squash."""
        if self.verb == "destroy":
            return {key: options for key, options in table.items() if key[0] != SHARE}
        if self.verb == "init":
            return {key: None if key[0] == SHARE else options
                    for key, options in foreign(table).items()}
        return foreign(table)

    def judge(self):
        """Return the status of the verb."""
        self.before_etab = install(self.config, self.verb != "init")
        if self.verb == "destroy":  # of what init adopted, where it could
            run(self.gshare, *VERBS["init"].split(), env=ENV)
            self.before_etab = etab()
        before, before_tree = files(), tree()
        dry = self.call("--dry-run")
        self.need((files(), tree(), etab()) == (before, before_tree, self.before_etab),
                  "the dry run changed something")
        done = self.call()
        self.after_etab = etab()
        self.need(self.others(self.after_etab) == self.others(self.before_etab),
                  "foreign exports changed")
        self.need(done.returncode in (0, 1), f"status {done.returncode}")
        if done.returncode:
            now = {name: state[0] for name, state in files().items()}
            self.need(now == {name: state[0] for name, state in before.items()},
                      "refused, and a file changed")
            self.need(self.after_etab == self.before_etab, "refused, and etab changed")
            self.need("nothing was changed" in done.stderr, "refused without saying so")
        else:
            self.judge_done(before)
        if self.config.broken:
            self.need(done.returncode == 1, "a broken file was not refused")
            self.need(self.config.broken + ":" in done.stderr, f"not {self.config.broken}")
            self.need(dry.returncode == 1, "the dry run takes a broken file")
        elif not self.config.has_share and self.verb in ("init", "add"):
            self.need(done.returncode == 0, "refused without a reason")
        self.reason = re.search(r"\(([A-Z_]+)\)\n|$", done.stderr).group(1)
        self.need(self.reason != "NOT_CONVERGED", "a second run would go on")
        return done.returncode

    def judge_done(self, before):
        lost = strangers(before, files())
        self.need(not lost, "lines of others: " + "; ".join(lost))
        options = self.after_etab.get((SHARE, HOST))
        if self.verb == "destroy":
            self.need(all(path != SHARE for path, _ in self.after_etab),
                      "destroyed, and still in force")
            self.need(not Path(SHARE, ".gshare-id").exists(), "destroyed, and its id is there")
            self.need(Path(SHARE).is_dir(), "destroyed, and the directory is gone")
            self.need(b"gshare share" not in b"".join(state[0] for state in files().values()),
                      "destroyed, and the marker is there")
        elif self.verb == "remove":
            self.need(options is None, "removed, and still in force")
        else:
            self.need(options is not None, "done, and not in force")
        if self.verb == "init":
            self.need(all("all_squash" in options.split(",") for (path, _), options in
                          self.after_etab.items() if path == SHARE), "of one squash in words only")
        if self.verb == "ro" and options:
            self.need(options.startswith("ro,") or ",ro," in options, "ro, and not in force")
        once, once_tree = files(), tree()
        again = self.call()
        self.need(again.returncode == 0 and "nothing to do" in again.stdout, "twice is not once")
        self.need((files(), tree(), etab()) == (once, once_tree, self.after_etab),
                  "the second run touched something")

    def show(self):
        """All that is needed to understand a failure."""
        def table(entries):
            return "".join(f"{p}\t{c}({o}\n" for (p, c), o in sorted(entries.items()))
        now = "".join(f"==> {name}\n{state[0].decode()}\n" for name, state in files().items())
        return (f"{'; '.join(self.flaws)}\n{self.config.show()}gshare {VERBS[self.verb]}\n"
                f"{self.said}etab before\n{table(self.before_etab)}etab after\n"
                f"{table(self.after_etab)}files now\n{now}")


def verbs_of(gshare):
    return [verb for verb in VERBS
            if run(gshare, "leader", verb, "--help").returncode == 0]


def main():
    words = argparse.ArgumentParser()
    words.add_argument("gshare")
    words.add_argument("--count", type=int, default=60)
    words.add_argument("--seed", default="gshare")
    words.add_argument("--only", type=int, default=-1)
    given = words.parse_args()
    gshare = os.path.abspath(given.gshare)
    mountd = build_machine()
    try:
        return judge_all(gshare, given)
    finally:
        mountd.kill()
        mountd.wait()


def judge_all(gshare, given):
    """Print a result for each configuration; return whether one was bad."""
    verbs = verbs_of(gshare)
    tally = {verb: {} for verb in verbs}
    bad = 0
    indices = range(given.count) if given.only < 0 else [given.only]
    print(f"# seed {given.seed}, {given.count} configurations, verbs {' '.join(verbs)}")
    for n, i in enumerate(indices, 1):
        shown, flawed = [], False
        config = Config(f"{given.seed} {i}")
        for verb in verbs:
            judge = Judge(gshare, config, verb)
            status = judge.judge()
            key = "broken" if config.broken else judge.reason or "refused" if status else "done"
            tally[verb][key] = tally[verb].get(key, 0) + 1
            flawed |= bool(judge.flaws)
            if judge.flaws or given.only >= 0:
                shown.append(judge.show())
        bad += flawed
        print("not ok" if flawed else "ok", f"{n} - configuration {i}")
        for text in shown:
            print(re.sub("^", "# ", text.rstrip(), flags=re.M), flush=True)
    for verb in verbs:
        print(f"# {verb}: {tally[verb]}")
    print(f"1..{len(indices)}")
    return bad > 0


if __name__ == "__main__":
    sys.exit(main())
