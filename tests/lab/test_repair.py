# SPDX-License-Identifier: GPL-2.0-or-later
"""leader repair: what the leader's root made becomes the followers' to change; no more than that."""

import json
import re
import time
from os.path import basename

import pytest
from lab.scene import FOLLOWER, SHARE, as_user, gone_after, managed, mount, result, run_fix
from lab.scene import init as init_share

OWNER = 1000
GRACE_S = 100
CHECK = "/root/check.py"

# What the owner cannot change, asked of the kernel and inode by inode, whatever the parents allow.
CHECK_TEXT = """
import ctypes, json, os, stat, sys
FACCESSAT2, EMPTY_PATH, EACCESS = 439, 0x1000, 0x200
libc, found = ctypes.CDLL(None), []
def refused(path, want):
    fd = os.open(path, os.O_PATH | os.O_NOFOLLOW)
    os.setegid(1000), os.seteuid(1000)
    answer = libc.syscall(FACCESSAT2, fd, b"", want, EMPTY_PATH | EACCESS)
    os.seteuid(0), os.setegid(0)
    os.close(fd)
    return answer != 0
os.setgroups([])
for top in sys.argv[1:]:
    device = os.lstat(top).st_dev
    for here, dirs, files in os.walk(top):
        dirs[:] = [name for name in dirs if os.lstat(f"{here}/{name}").st_dev == device]
        for path in [here] + [f"{here}/{name}" for name in files]:
            mode = os.lstat(path).st_mode
            if stat.S_ISDIR(mode) and refused(path, 7) or stat.S_ISREG(mode) and refused(path, 6):
                found.append(os.path.relpath(path, "/mnt/data/shared"))
print(json.dumps(sorted(found)))
"""

# Every way that root's tools bypass the default ACLs, and all that must be left alone.
MAKE = r"""
set -e
echo old >/srv/plain; install -m 600 /srv/plain /srv/secret
mkdir -p -m 755 /srv/tree/sub; echo x >/srv/tree/sub/a; install -m 750 /srv/plain /srv/tree/run
cd /mnt/data/shared/uploads
cp -p /srv/plain cp-p
install -m 644 /srv/plain installed
cp /srv/secret copied-secret
python3 -c 'import os,tempfile; fd, n = tempfile.mkstemp(dir="."); os.rename(n, "made-by-mkstemp")'
touch changeable
cp /srv/plain "$(printf 'esc\033[31m\nape \\')"
cd ../datasets
cp -r /srv/tree cp-r
cp -a /srv/tree cp-a
tar -C /srv -cf - tree | tar -xpf -
mkdir -m 700 -p locked/below; install -m 600 /srv/plain locked/below/deep
ln -s /etc/shadow shadow; ln -s /etc etc
ln /srv/secret linked
install -m 4755 /bin/true setuid
mkfifo -m 600 fifo
install -m 755 /bin/true capable; setcap cap_net_raw+ep capable
install -m 644 /srv/plain fixed; chattr +i fixed
install -m 640 -g shadow /srv/plain alien
mkdir inner; mount -t tmpfs -o mode=755 tmpfs inner; install -m 600 /srv/plain inner/other
install -m 600 /srv/plain ../postgresql_data/PG_VERSION
install -m 600 /srv/plain ../postgres_backups/dump
"""
LEFT = [f"datasets/{name}" for name in ("alien", "capable", "cp-a/run", "fixed", "inner", "linked",
                                            "setuid", "tree/run")]
ALONE = ("/etc/shadow /srv/secret /mnt/data/shared/datasets/setuid "
         "/mnt/data/shared/datasets/capable /mnt/data/shared/datasets/fixed "
         "/mnt/data/shared/datasets/alien "
         "/mnt/data/shared/datasets/inner /mnt/data/shared/datasets/inner/other "
         "/mnt/data/shared/datasets/fifo /mnt/data/shared/postgresql_data "
         "/mnt/data/shared/postgresql_data/PG_VERSION /mnt/data/shared/postgres_backups/dump")


def init(leader):
    """A share in which what is found is the share's: its file system holds more than it."""
    init_share(leader, f"--follower {FOLLOWER} --subtree-check")


def unchangeable(leader):
    """What the owner cannot change, by the kernel's own word."""
    leader.put(CHECK, CHECK_TEXT)
    return json.loads(
        leader.run(f"cd {SHARE} && python3 {CHECK} $PWD/uploads $PWD/files $PWD/datasets").out
    )


def alone(leader):
    """All that can be seen of what must not be touched."""
    return leader.run(f"stat -c '%n %a %u:%g %h %Z' {ALONE}; getfacl -pn {ALONE}").out


def ids(shown):
    """The findings of a result."""
    return [finding["id"] for finding in shown["findings"]]


def count_by_init(leader):
    """The finding of an init with nothing to do, which counts for 40 ms: a busy guest sees less."""
    for _ in range(20):
        again = result(leader, f"SUDO_UID=1000 gshare leader init --follower {FOLLOWER}")
        assert not again["changed"], again
        needed = [found for found in again["findings"] if found["id"] == "REPAIR_NEEDED"]
        if needed and not needed[0]["text"].startswith("at least "):
            assert len(needed) == 1, again
            return needed[0]
        print(again["findings"])
    raise AssertionError("init never saw all of it in its 40 ms")


@pytest.fixture
def mess(leader):
    """A leader whose root has worked in the share."""
    init(leader)
    leader.run(MAKE)
    return leader


@pytest.mark.server("running")
def test_repair(mess, follower):
    leader, before = mess, alone(mess)
    bad = unchangeable(leader)
    wanted = [path for path in bad if path not in LEFT]
    assert {"uploads/cp-p", "uploads/copied-secret", "datasets/locked/below/deep"} <= set(wanted)
    assert "uploads/changeable" not in bad

    needed = count_by_init(leader)
    assert needed["text"].startswith(f"{len(wanted)} existing files"), needed
    assert needed["fix"] == "sudo gshare leader repair --dry-run"

    untouched = managed(leader, "/srv")
    dry = leader.run("gshare leader repair --dry-run").out
    print(dry)
    assert "uploads/esc\\033[31m\\012ape \\134  a file of 0:" in dry and "\033" not in dry
    assert sum(line.startswith("  + give ") for line in dry.splitlines()) == len(wanted)
    assert sum(line.startswith("  ! left ") for line in dry.splitlines()) == len(LEFT)
    assert managed(leader, "/srv") == untouched

    done = result(leader, "gshare leader repair")
    print(json.dumps(done["verified"]), done["findings"])
    assert done["changed"] and sorted(line["path"] for line in done["repair"]["given"]) == wanted
    assert done["repair"]["files"] + done["repair"]["directories"] == len(wanted)
    assert sorted(line["path"] for line in done["repair"]["kept"]) == LEFT
    assert ids(done) == ["REPAIR_LEFT"] and len(done["verified"]) == 3
    assert unchangeable(leader) == [path for path in bad if path in LEFT]
    assert alone(leader) == before

    untouched = managed(leader, "/srv")
    second = result(leader, "gshare leader repair")
    assert not second["changed"] and second["plan"] == [] and ids(second) == ["REPAIR_LEFT"]
    assert managed(leader, "/srv") == untouched

    mount(follower)
    follower.run(as_user(4242, f"""set -e; cd {SHARE}
        for path in uploads/* datasets/tree/sub/a datasets/cp-r/run datasets/locked/below/deep; do
            cat "$path" >/dev/null; echo more >>"$path"; done
        ! echo x >>datasets/linked; ! cat datasets/alien; ! cat datasets/tree/run; ! echo x >>datasets/setuid
        rm -r uploads/* datasets/tree datasets/cp-r datasets/cp-a datasets/locked"""))
    assert leader.run(f"ls {SHARE}/uploads {SHARE}/datasets").out.split() == (
        f"{SHARE}/datasets: alien capable etc fifo fixed inner linked setuid shadow {SHARE}/uploads:".split())
    assert alone(leader) == before
    gone_after(leader, f"gshare leader init --follower {FOLLOWER}", "MOUNT_INSIDE")


@pytest.mark.server("running")
def test_cut_by_the_deadline(leader):
    """Twenty thousand files and little time: what is done stays, and the next run goes on."""
    init(leader)
    leader.run(f"""cd {SHARE}/files && for i in $(seq 40); do mkdir -m 700 d$i; done
        python3 -c 'import os
for i in range(40):
    for k in range(500):
        os.close(os.open(f"d{{i + 1}}/{{k}}", os.O_CREAT, 0o600))
        os.chmod(f"d{{i + 1}}/{{k}}", 0o600)'""", timeout=60)
    begin = leader.run(f"time -p gshare leader init --follower {FOLLOWER}", check=False)
    print(begin.out, begin.err)
    assert "existing files cannot be changed" in begin.out
    done = leader.run("gshare leader repair --timeout 1", check=False)
    print(done.out, done.err)
    if done.status:
        assert done.status == 1 and "REPAIR_CUT" in done.err, done
        assert "nothing was changed" not in done.err and "stay so" in done.err
    shown = result(leader, "gshare leader repair")
    print(shown["repair"]["files"], shown["repair"]["directories"])
    assert unchangeable(leader) == []
    assert result(leader, "gshare leader repair")["changed"] is False
    refused = leader.run(as_user(OWNER, "gshare leader repair --dry-run"), check=False)
    assert refused.status == 4, refused


def timed(guest, command):
    """Run a command that is to fail; return what it says, and its seconds in the guest."""
    done = guest.run(f"TIMEFORMAT='took %R'; time {command}", check=False, timeout=60)
    print(done.out, done.err)
    assert done.status == 1, done
    return done.err, float(done.err.split("took ")[1])


def delegate(leader, follower, *names):
    """Have the follower hold a delegation of each file.

    While lockd is in its grace, 50 s after the server's start, nfsd gives none: then it is asked
    again. nfs4_open_delegation() of fs/nfsd/nfs4state.c, get_lockd_grace_period() of fs/lockd/svc.c
    """
    wanted, given, deadline = set(names), set(), time.monotonic() + GRACE_S
    while not wanted <= given:
        assert time.monotonic() < deadline, f"no delegation but of {given}"
        follower.run(f"cd {SHARE} && cat {' '.join(names)}")
        states = leader.run("cat /proc/fs/nfsd/clients/*/states").out
        held = [line for line in states.splitlines() if "type: deleg" in line]
        given = {name for name in names if any(f'/{basename(name)}"' in line for line in held)}
        time.sleep(0.5)


@pytest.mark.server("running")
def test_a_dead_follower_holds_a_file(leader, follower):
    """What it has read it may have a delegation of: nobody waits a lease of 90 s for it."""
    init(leader)
    leader.run(f"cd {SHARE}/files && install -m 644 /etc/hostname held && cp -p held free")
    mount(follower)
    delegate(leader, follower, "files/held", ".gshare-id")
    follower.kill()

    said, seconds = timed(leader, "gshare leader repair --timeout 10")
    assert seconds < 10.5 and "CLIENT_DELEGATION" in said and "'files/held': a client" in said
    assert "1 entry was repaired and stays so" in said and "in two minutes" in said
    assert unchangeable(leader) == ["files/held"]
    fix = re.search(r" fix +(.*)", said)[1]

    before = leader.run("cat /etc/exports; exportfs -s").out
    said, seconds = timed(leader, "gshare leader destroy --yes --timeout 10")
    assert seconds < 10.5 and "CLIENT_DELEGATION" in said and f"'{SHARE}/.gshare-id'" in said
    assert "nothing was changed" in said
    assert leader.run("cat /etc/exports; exportfs -s").out == before
    # In two minutes the follower's lease is over: now it is.
    leader.run("for ctl in /proc/fs/nfsd/clients/*/ctl; do echo expire >$ctl; done")
    run_fix(fix, leader)
    assert unchangeable(leader) == []
