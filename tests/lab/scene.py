# SPDX-License-Identifier: GPL-2.0-or-later
"""Scene: what scenarios of gshare say again and again."""

import json
import shlex
import time
from pathlib import Path

import jsonschema
from lab import fixes
from lab.lab import LEADER, MACHINES

SHARE = "/mnt/data/shared"
FOLLOWER = MACHINES["follower"]
FOLLOWER2 = MACHINES["follower2"]
ETAB = "/var/lib/nfs/etab"
SCHEMA = json.loads((Path(__file__).parents[2] / "data/gshare.schema.json").read_text())

# Everything that a command may manage, with what shows that it was not even rewritten.
MANAGED = f"""
for path in /etc/exports /etc/exports.d /etc/fstab /etc/passwd /etc/group {SHARE} {ETAB} "$@"; do
    [ -e "$path" ] || continue
    find "$path" -xdev -printf '%p %i %T@ %C@ %m %U:%G\\n'
    getfacl -Rpn "$path" 2>/dev/null
    find "$path" -xdev -type f -exec sha256sum {{}} +
done
cat /proc/self/mountinfo
"""


def as_user(uid, command):
    """Return the command as it is run by somebody with this uid and no other groups."""
    script = command.replace("'", "'\\''")
    return f"setpriv --reuid {uid} --regid {uid} --clear-groups sh -c '{script}'"


def init(leader, words=f"--follower {FOLLOWER}"):
    """Make the leader a leader, as ubuntu with sudo would."""
    return leader.run(f"SUDO_UID=1000 gshare leader init {words}", timeout=90)


def mount(follower, words=LEADER):
    """Mount the share on a follower."""
    return follower.run(f"gshare follower mount {words}", timeout=40)


def await_in(guest, condition, seconds=30):
    """Wait until a condition of the shell holds in a guest; a busy one takes its time."""
    loop = shlex.quote(f"until {condition}; do sleep 0.1; done")
    guest.run(f"timeout {seconds} bash -c {loop}", timeout=seconds + 10)


def hold(guest, command):
    """Start what goes on as `sleep 60`; return its job once it does, holding what it opened."""
    job = guest.start(command)
    await_in(guest, "pgrep -xf 'sleep 60' >/dev/null")
    return job


def await_writer(leader, name):
    """Wait until the server knows of a file open for writing."""
    await_in(leader, f"grep -q '{name}' /proc/fs/nfsd/clients/*/states")


def kill_mountd(leader):
    """End rpc.mountd, and see that it has gone."""
    leader.run("pkill -x -KILL rpc.mountd")
    await_in(leader, "! pgrep -x rpc.mountd >/dev/null")


def taking_away(place):
    """Return the script that unmounts a file system which nfsd has exported, as before a boot.

    A client that has a file open or delegated holds it, and so does what the second flush in one
    second ends: that stays in nfsd's table.
    """
    return f"""exportfs -ua
for client in /proc/fs/nfsd/clients/*/ctl; do [ ! -e $client ] || echo expire >$client; done
for n in $(seq 20); do exportfs -f; umount {place} 2>/dev/null && break; sleep 1.1; done
! mountpoint -q {place}
"""


def take_away(leader, place):
    """Unmount a file system that nfsd has exported."""
    leader.run(taking_away(place), timeout=60)


def settled(guest, command, fits, seconds=10):
    """Return what a command prints: as soon as that fits, or what it is in the end."""
    deadline = time.monotonic() + seconds
    while True:
        said = guest.run(command, check=False).out
        if fits(said) or time.monotonic() > deadline:
            return said
        time.sleep(0.2)


def managed(guest, *more):
    """Return all that can be seen of the managed files and of the mounts."""
    return guest.run(f"set -- {' '.join(more)}\n" + MANAGED).out


def flushes(leader):
    """Return the times of the last flush of each of nfsd's caches."""
    return leader.run("head /proc/net/rpc/*/flush").out


def nfsd_threads(leader):
    """Return pid and start time of every nfsd thread: a restart would change them."""
    script = "for p in $(pgrep -x nfsd); do cut -d' ' -f1,22 /proc/$p/stat; done | sort"
    return leader.run(script).out


def result(guest, command, status=0, timeout=60):
    """Run a command with --json and return its object, which the schema must know."""
    done = guest.run(f"{command} --json", check=False, timeout=timeout)
    assert done.status == status, (command, done)
    shown = json.loads(done.out)
    jsonschema.validate(shown, SCHEMA)
    assert shown["status"] == status
    return shown


def run_fix(fix, here, *others, which=0, timeout=60, check=True):
    """Run a command of a fix on the node it is for, as its administrator would; its Result.

    here: the guest that printed it. which: of the commands of this fix, advice not counted.
    """
    node, _, command = [part for part in fixes.parts(fix) if part[2]][which]
    (guest,) = [g for g in (here, *others) if node in (None if g is here else g.name, g.address)]
    return guest.run(fixes.runs(guest, command), timeout=timeout, check=check)


def printed(done, ident):
    """Return the fix of a finding that a command printed as text."""
    return next(fix for code, fix in fixes.told(done.out, done.err) if code == ident)


def finding(guest, command, ident):
    """Return the finding of that id that a command of gshare has; None if it has none."""
    done = guest.run(f"{command} --json", check=False, timeout=60)
    shown = json.loads(done.out)
    jsonschema.validate(shown, SCHEMA)
    return next((told for told in shown["findings"] if told["id"] == ident), None)


def gone_after(guest, command, ident, *others, which=0):
    """Run the fix of a finding as it is printed: the same command then has it no more."""
    told = finding(guest, command, ident)
    assert told, (command, ident)
    run_fix(told["fix"], guest, *others, which=which)
    assert not finding(guest, command, ident), told
    return told
