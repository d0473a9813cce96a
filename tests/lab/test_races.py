# SPDX-License-Identifier: GPL-2.0-or-later
"""The owner of TARGET's path swaps its components while gshare stands still on a real follower.

tests/sweep/races.py does this at single system calls; here the moments are random, and kernel,
NFS, mount propagation and the immutable flag are real.
"""

import json
import os

import pytest
from lab.lab import LEADER
from lab.scene import SHARE, init

pytestmark = pytest.mark.server("running")

STOPS = 200 if os.environ.get("GSHARE_LONG") else 20
STOP_S = 20  # at most; 3 as a rule
SEED = os.environ.get("GSHARE_SEED", "races")
SWAP = r"""
import json, os, random, re, shutil, signal, subprocess, sys, time

leader, export, count, seed = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
HOME, VICTIM, OWNER = "/home/user1", "/srv/victim", 1001
PARTS = ("a", "a/b", "a/b/data")
TARGET = f"{HOME}/{PARTS[-1]}"
THEIRS = f"{VICTIM}/{PARTS[-1]}"
MOUNT = ["gshare", "follower", "mount", leader, TARGET, "--export", export, "--allow-user-path"]
UNMOUNT = ["gshare", "follower", "unmount", TARGET, "--forget"]
UNITS = ("systemctl stop 'gshare-*.service'; cd /etc/systemd/system && rm -rf gshare-*.service "
         "*.wants/gshare-*.service *.mount.d *.d/*gshare*; systemctl daemon-reload")
fstab = open("/etc/fstab").read()

def sh(text):
    return subprocess.run(text, shell=True, capture_output=True, text=True)

def must(words):
    done = subprocess.run(words, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{words}: status {done.returncode}\n{done.stdout}{done.stderr}")

def mounts():
    found = []
    for line in open("/proc/self/mountinfo"):
        words, _, rest = line.partition(" - ")
        found.append((words.split()[4], rest.split()[1]))
    return found

def clear():
    sh(UNITS)
    for _ in range(5):  # one may hide another
        for target, _ in sorted(mounts(), reverse=True):
            if target.startswith((HOME + "/", VICTIM)):
                sh(f"umount -l '{target}'")
    sh(f"chattr -R -i {HOME}/a {HOME}/away {HOME}/spare {VICTIM}")
    sh(f"rm -rf --one-file-system {HOME}/a {HOME}/away {HOME}/spare {VICTIM} /var/lib/gshare")
    open("/etc/fstab", "w").write(fstab)

def scene(case):
    clear()
    sh(f"mkdir -p {TARGET} {HOME}/spare/{PARTS[-1]} {THEIRS}; "
       f"chown -R {OWNER} {HOME}/a {HOME}/spare")
    if case == "unmount":
        must(MOUNT)
        sh(f"chattr +i {THEIRS}; mount -t tmpfs theirs {THEIRS}")

def signal_all(number):
    for _ in range(2):
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                if open(f"/proc/{pid}/comm").read().strip() in ("gshare", "mount.nfs4"):
                    os.kill(int(pid), number)
            except OSError:
                pass

def swap(kind, part):
    here = f"'{HOME}/{part}'"
    away = f"mv -T {here} {HOME}/away && "
    return sh({"link": f"{away} ln -sT '{VICTIM}/{part}' {here}",
               "directory": f"{away} mv -T '{HOME}/spare/{part}' {here}",
               "bind": f"mount --rbind '{VICTIM}/{part}' {here}"}[kind])

def guarded():
    return "i" in sh(f"lsattr -d {THEIRS}").stdout.split(" ")[0]

def judge(case, kind, status):
    seen = mounts()
    ours = [target for target, source in seen if source.startswith(leader + ":")]
    if status not in (0, 1) and not (status == 6 and kind == "bind"):
        yield f"status {status}"
    if case == "mount" and status == 1 and ours:
        yield f"it fails, and is mounted on {ours}"
    if case == "mount" and status == 1 and open("/etc/fstab").read() != fstab:
        yield "it fails, and is in fstab"
    # A bind mount that was there before gshare looked is the path as it is.
    if kind == "bind" and status == 0:
        return
    if any(target.startswith(VICTIM) for target in ours):
        yield f"mounted in the other tree: {ours}"
    if case == "unmount":
        if (THEIRS, "theirs") not in seen:
            yield "the other mount is gone"
        sh(f"umount {THEIRS}")
    if guarded() != (case == "unmount"):
        yield "the other tree's flag has changed"

chance = random.Random(seed)
scene("mount")
began = time.monotonic()
must(MOUNT)
whole = {"mount": time.monotonic() - began}
began = time.monotonic()
must(UNMOUNT)
whole["unmount"] = time.monotonic() - began
for n in range(count):
    case = ("mount", "unmount")[n % 2]
    kind = chance.choice(("link", "directory", "bind"))
    part = chance.choice(PARTS)
    after = chance.uniform(0, whole[case])
    scene(case)
    process = subprocess.Popen(MOUNT if case == "mount" else UNMOUNT, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, text=True)
    time.sleep(after)
    signal_all(signal.SIGSTOP)
    stood = process.poll() is None
    swapped = swap(kind, part).returncode == 0
    signal_all(signal.SIGCONT)
    said = process.communicate(timeout=60)[0]
    print(json.dumps({"case": case, "kind": kind, "part": part, "after": round(after, 3),
                      "stood": stood, "swapped": swapped, "status": process.returncode,
                      "said": said, "flaws": list(judge(case, kind, process.returncode))}),
          flush=True)
clear()
"""


def test_swaps_have_no_effect_outside(leader, follower):
    init(leader)
    follower.put("/run/swap.py", SWAP)
    words = f"{LEADER} {SHARE} {STOPS} {SEED}"
    done = follower.run(f"python3 /run/swap.py {words}", timeout=STOPS * STOP_S)
    stops = [json.loads(line) for line in done.out.splitlines()]
    for stop in stops:
        print({name: stop[name] for name in stop if name != "said"})
    print(f"seed {SEED}: {len(stops)} stops in {done.seconds:.0f} s, "
          f"{sum(stop['stood'] for stop in stops)} before the end")
    assert len(stops) == STOPS
    assert not [stop for stop in stops if stop["flaws"]]
    assert sum(stop["stood"] and stop["swapped"] for stop in stops) >= STOPS // 2
