#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Hostile surroundings, a row each: run-hostile.sh, in namespaces of its own. Speaks TAP."""

import ctypes
import os
import resource
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "sweep"))

import follower  # noqa: E402
import machine  # noqa: E402
import races  # noqa: E402
from cases import CASES  # noqa: E402

EVIL = Path("/var/lib/evil")
LOADED = EVIL / "loaded"
LIMIT_S = 40
LEFT = 6
TRAPS = ("exportfs", "mount", "mount.nfs", "mount.nfs4", "systemctl", "udevadm", "umount", "sh",
         "ufw", "useradd", "rpc.nfsd")
SPY = f"""
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
__attribute__((constructor)) static void spy(void)
{{
	FILE *log = fopen("{LOADED}", "a");
	if (log) {{
		fprintf(log, "%s\\n", program_invocation_short_name);
		fclose(log);
	}}
}}
int gconv(void) {{ return 1; }}
int gconv_init(void) {{ return 0; }}
"""


def close(*numbers):
    def do():
        for number in numbers:
            os.close(number)
    return do


def limit(what, value):
    return lambda: resource.setrlimit(what, (value, value))


def call_without_name():
    """execve(2) with an empty argv, which Linux 5.18 and later make one empty word."""
    libc = ctypes.CDLL(None)
    env = (ctypes.c_char_p * 2)(b"PATH=/usr/bin", None)
    libc.execve(machine.GSHARE.encode(), (ctypes.c_char_p * 1)(None), env)
    os._exit(127)


def in_deleted_directory():
    os.mkdir(EVIL / "gone")
    os.chdir(EVIL / "gone")
    os.rmdir(EVIL / "gone")


def block_all():
    signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())


def ignore_all():
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
        signal.signal(number, signal.SIG_IGN)


LIBMOUNT = {f"LIBMOUNT_{name}": value for name, value in {
    "FSTAB": f"{EVIL}/fstab", "MTAB": f"{EVIL}/fstab", "UTAB": f"{EVIL}/utab", "DEBUG": "all",
    "FORCE_MOUNT2": "always"}.items()}

# Name: what is done before gshare starts, what the environment has more, and whether the result
# has to be that of an undisturbed run ("same"), may be a refusal ("either"), or has to be one.
ROWS = {
    "nothing": (None, {}, "same"),
    "argc 0": (call_without_name, {}, "refusal"),
    "stdin closed": (close(0), {}, "same"),
    "stdout closed": (close(1), {}, "same"),
    "stderr closed": (close(2), {}, "same"),
    "descriptors 0 to 2 closed": (close(0, 1, 2), {}, "same"),
    "LD_PRELOAD": (None, {"LD_PRELOAD": f"{EVIL}/spy.so"}, "same"),
    "LD_LIBRARY_PATH": (None, {"LD_LIBRARY_PATH": f"{EVIL}/lib"}, "same"),
    "GCONV_PATH": (None, {"GCONV_PATH": f"{EVIL}", "LC_ALL": "de_DE.EVIL",
                          "OUTPUT_CHARSET": "EVIL", "LOCPATH": f"{EVIL}"}, "same"),
    "LIBMOUNT_*": (None, LIBMOUNT, "same"),
    "PATH=.": (lambda: os.chdir(EVIL / "bin"), {"PATH": "."}, "same"),
    "no environment": (lambda: os.environ.clear(), {"PATH": None, "LC_ALL": None}, "same"),
    "umask 0": (lambda: os.umask(0), {}, "same"),
    "umask 0777": (lambda: os.umask(0o777), {}, "same"),
    "RLIMIT_FSIZE 0": (limit(resource.RLIMIT_FSIZE, 0), {}, "either"),
    "RLIMIT_NOFILE 8": (limit(resource.RLIMIT_NOFILE, 8), {}, "either"),
    "RLIMIT_NOFILE 3": (limit(resource.RLIMIT_NOFILE, 3), {}, "either"),
    "RLIMIT_CORE 0": (limit(resource.RLIMIT_CORE, 0), {}, "same"),
    "SIGCHLD ignored": (lambda: signal.signal(signal.SIGCHLD, signal.SIG_IGN), {}, "same"),
    "all signals ignored": (ignore_all, {}, "same"),
    "all signals blocked": (block_all, {}, "same"),
    "cwd deleted": (in_deleted_directory, {}, "same"),
}
VERBS = ("init:a", "add:c", "ro:c", "destroy:c", "leader status", "mount-new", "unmount-forget",
         "follower status")
# Who has to have loaded the spy, and nobody else: what gshare starts does not inherit it.
LOADS = {"LD_PRELOAD": {"gshare"}}


def compile_spy():
    with tempfile.NamedTemporaryFile(suffix=".so") as library:
        subprocess.run([*os.environ.get("CC", "cc").split(), "-shared", "-fPIC", "-o",
                        library.name, "-x", "c", "-"], input=SPY, text=True, check=True)
        return Path(library.name).read_bytes()


def lay_traps(spy):
    """Programs and a library that leave a trace when they are run or loaded."""
    for name in ("bin", "lib"):
        (EVIL / name).mkdir(parents=True)
    for name in TRAPS:
        machine.put_program(str(EVIL / "bin" / name),
                            f"#!/usr/bin/sh\necho {name} >>{EVIL}/trapped\nexit 1\n")
    for name in ("spy.so", "EVIL.so"):
        (EVIL / name).write_bytes(spy)
    (EVIL / "gconv-modules").write_text(
        "module INTERNAL EVIL// EVIL 1\nmodule EVIL// INTERNAL EVIL 1\n")
    (EVIL / "fstab").write_text("evil:/ / nfs4 ro 0 0\n")


def start(words, row):
    prepare, more, _ = ROWS[row]
    env = {**machine.ENV, **more}
    with subprocess.Popen([machine.GSHARE, *words, *machine.DEADLINE],
                          env={name: value for name, value in env.items() if value is not None},
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, preexec_fn=prepare) as process:
        try:
            out, err = process.communicate(timeout=LIMIT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
    return process.returncode, out.decode(errors="replace"), err.decode(errors="replace")


class Leader:
    """A verb of the leader's: the tree before, and after an undisturbed run."""

    def __init__(self, verb, bare):
        self.words = CASES.get(verb, tuple(verb.split()))
        machine.restore(bare)
        machine.install(verb.split(":")[1] if ":" in verb else "c")
        self.before = machine.tree()

    def reset(self):
        machine.restore(self.before)

    def look(self):
        return machine.view(machine.tree())


class Follower:
    """A verb of the follower's; its mounts and the guard are looked at, too."""

    def __init__(self, verb, _):
        known = verb in races.CASES
        self.scene = races.Scene(verb if known else "unmount")
        self.words = self.scene.words if known else tuple(verb.split())

    def reset(self):
        self.scene.make()

    def look(self):
        mounts = sorted((target, source) for _, _, target, source in follower.mountinfo().values()
                        if target.startswith("/srv"))
        guards = {path: follower.flags(path) for path in (races.TARGET,) if os.path.isdir(path)}
        return {**machine.view(machine.tree()), "mounts": mounts, "guards": guards}


def flaws_of(verb, row, done, was):
    status, out, err = done
    now = verb.look()
    want = ROWS[row][2]
    ran = LOADED.read_text().split() if LOADED.exists() else []
    if status < 0:
        yield f"ended by signal {-status}"
    if (EVIL / "trapped").exists():
        yield "ran a program of PATH: " + (EVIL / "trapped").read_text()
    if set(ran) != LOADS.get(row, set()):
        yield f"the library was loaded into {sorted(set(ran))}"
    if machine.leftovers(machine.tree()):
        yield f"left {machine.leftovers(machine.tree())}"
    if status == was["status"] and now == was["new"] and want != "refusal":
        return
    if want == "same":
        yield f"status {status}, not {was['status']}"
        yield "differs: " + " ".join(differing(now, was["new"]))
    if status in (0, LEFT) and was["status"] == 0:
        yield f"status {status}, and not the result"
    if now != was["old"]:
        yield "refused, and has changed: " + " ".join(differing(now, was["old"]))
    if not err and not row.startswith(("stderr", "descriptors")):
        yield "refused without a word"


def differing(now, want):
    return sorted(path for path in now.keys() | want.keys() if now.get(path) != want.get(path))


def judge(name, verb, rows):
    """Every row with one verb: (name, flaws, what was said)."""
    verb.reset()
    was = {"old": verb.look()}
    was["status"], _, said = start(verb.words, "nothing")
    was["new"] = verb.look()
    if was["status"]:
        yield f"{name}: nothing", [f"the undisturbed run: status {was['status']}"], said
    for row in rows:
        verb.reset()
        for trace in (LOADED, EVIL / "trapped"):
            trace.unlink(missing_ok=True)
        done = start(verb.words, row)
        yield f"{name}: {row}", list(flaws_of(verb, row, done, was)), done[1] + done[2]


def judge_all(rows, gshare, preload):
    spy = compile_spy()
    library = Path(preload).read_bytes()  # the machine hides it
    servers = [machine.build(gshare)]
    lay_traps(spy)
    machine.ROOTS = tuple(root for root in machine.ROOTS if root != "/run")
    bare = machine.tree()
    try:
        for name in VERBS:
            kind = Leader if name in CASES or name.startswith("leader") else Follower
            # The follower's server listens on the port that the leader's is to have: later.
            if kind is Follower and len(servers) == 1:
                machine.restore(bare)
                servers.append(follower.serve(library))
            yield from judge(name, kind(name, bare), rows)
            races.clear()
            machine.tmpfs("/srv", "-o", "mode=755")
    finally:
        for server in servers:
            server.kill()
            server.wait()


def main():
    gshare, preload, *rows = sys.argv[1:]
    n = bad = 0
    for n, (name, flaws, said) in enumerate(judge_all(rows or list(ROWS)[1:], gshare, preload), 1):
        print(f"{'not ok' if flaws else 'ok'} {n} - {name}", flush=True)
        bad += bool(flaws)
        for line in ([*flaws, *said.splitlines()] if flaws else []):
            print(f"# {line}")
    print(f"1..{n}")
    return bool(bad)


if __name__ == "__main__":
    sys.exit(main())
