# SPDX-License-Identifier: GPL-2.0-or-later
"""verify says what is true: beside each of its verdicts stands what the same user did by hand."""

import json
import random

import pytest
from lab.lab import LEADER
from lab.scene import (
    FOLLOWER,
    SHARE,
    as_user,
    finding,
    gone_after,
    init,
    mount,
    result,
    run_fix,
    settled,
)

pytestmark = pytest.mark.server("running")

OWNER, OTHER, STRANGER, MINUS_TWO = 1000, 1001, 2000, 4294967294
UIDS = (0, OWNER, OTHER, MINUS_TWO)
ACTS = ("create", "read", "change", "delete", "chown")
CELLS = f"{SHARE}/files"

# The directories that are judged, each made so on the leader.
MAKE = {
    "bits": f"chown {OWNER}:{OWNER} D; chmod 0750 D",
    "acl": f"chmod 0770 D; setfacl -m u:{OTHER}:rwx,m:rwx D",
    "masked": f"chmod 0770 D; setfacl -m u:{OWNER}:rwx,m:r-x D",
    "foreign": f"chown {STRANGER}:{STRANGER} D; chmod 0755 D",
    "open": "chmod 0777 D",
}

# What a shell can do there, each act that needs another after it; the owner as this node sees it.
BY_HAND = """
cd %s 2>/dev/null || { echo no no - - - -; exit; }
if (: >by.hand && echo one >by.hand) 2>/dev/null; then c=yes
    r=no; grep -q one by.hand 2>/dev/null && r=yes
    g=no; (echo two >>by.hand && grep -q two by.hand) 2>/dev/null && g=yes
    o=$(stat -c %%u by.hand); other=1; [ "$o" = 1 ] && other=2
    w=no; chown $other by.hand 2>/dev/null && w=yes && chown $o by.hand
    d=no; mv by.hand by.hand.b 2>/dev/null && rm by.hand.b 2>/dev/null && d=yes
else c=no; g=-; w=-; d=-; o=-
    r=no; ls >/dev/null 2>&1 && r=yes
fi
echo $c $r $g $d $w $o
"""


def cells(leader):
    """Make the directories anew, whatever the share squashes."""
    for name, make in MAKE.items():
        path = f"{CELLS}/{name}"
        script = make.replace(" D", f" {path}")
        leader.run(f"set -e; mkdir {path}; setfacl -bk {path}; chown 0:0 {path}; {script}")


def by_hand(guest, path):
    """Return for each user what it can do at path, and whom its files belong to."""
    truth = {}
    for uid in UIDS:
        words = guest.run(as_user(uid, BY_HAND % path)).out.split()
        truth[uid] = (*words[:5], None if words[5] == "-" else int(words[5]))
    return truth


def by_gshare(guest, path, access, truth):
    """Return the same from verify, whose status has to follow from it."""
    users = " ".join(f"--as {uid}" for uid in UIDS[1:])
    promised = ("read",) if access == "ro" else ("create", "read", "change", "delete")
    less = any(
        truth[uid][ACTS.index(act)] != "yes" for uid in UIDS for act in promised
    )
    shown = result(guest, f"gshare verify {path} {users}", status=3 if less else 0)
    rows = {row["uid"]: row for row in shown["access"]}
    for row in rows.values():
        refused = {act for act in ACTS if row[act] == "no"}
        named = {refusal["act"]: refusal["cause"] for refusal in row["denied"]}
        assert bool(named) == bool(refused) and named.keys() <= refused, row
    judged = {uid: (*(rows[uid][act] for act in ACTS), rows[uid]["owner"]) for uid in UIDS}
    return judged, [told["fix"] for told in shown["findings"] if told.get("fix")]


def reasons(guest, path, *users):
    """Return of each user the reasons, by act."""
    words = " ".join(f"--as {uid}" for uid in users)
    shown = guest.run(f"gshare verify {path} {words} --json", check=False)
    return {
        row["uid"]: {refusal["act"]: refusal["cause"] for refusal in row["denied"]}
        for row in json.loads(shown.out)["access"]
    }


def probes(guest):
    """Return what verify has left in the share."""
    return guest.run(f"find {SHARE} -name '.gshare-probe*'").out


@pytest.mark.parametrize("squash", ("all", "root", "none"))
def test_the_verdict_is_the_truth(leader, follower, squash):
    init(leader, f"--follower {FOLLOWER} --squash {squash} --yes")
    cells(leader)
    mount(follower)
    fixes = []
    for access in ("rw", "ro"):
        leader.run(f"gshare leader {access} --all")
        for name in MAKE:
            truth = by_hand(follower, f"{CELLS}/{name}")
            print(squash, access, name, truth)
            judged, printed = by_gshare(follower, f"{CELLS}/{name}", access, truth)
            assert judged == truth, name
            fixes += printed
    for fix in [fix for fix in fixes if "gshare verify" in fix][:1]:
        assert "uid 0" in run_fix(fix, follower, leader, check=False).out
    assert probes(leader) == ""


# How a directory is made on the leader; whom verify then says is refused what, for which reason.
REFUSALS = {
    "all": (
        ("chmod 0777 D", {0: {"chown": "SQUASH"}, 1000: {"chown": "NOT_ROOT"},
                          1001: {"chown": "SQUASH"}}),
        ("chown 1001:1001 D; chmod 0755 D", {0: {"create": "SQUASH"},
                                             1000: {"create": "MODE_BITS"},
                                             1001: {"create": "SQUASH"}}),
        ("chmod 0755 D; chattr +i D", {0: {"create": "FIXED"}, 1000: {"create": "FIXED"}}),
    ),
    "root": (
        ("chown 1000:1000 D; chmod 0750 D", {0: {"chown": "SQUASH"}, 1000: {"chown": "NOT_ROOT"},
                                             1001: {"read": "MODE_BITS"}}),
        ("chmod 0770 D; setfacl -m u:1001:r-x D", {0: {"read": "SQUASH"},
                                                   1000: {"read": "MODE_BITS"},
                                                   1001: {"create": "ACL"}}),
    ),
    "none": (
        ("chmod 0777 D", {0: {}, 1000: {"chown": "NOT_ROOT"}}),
        ("chmod 0777 D; chattr +i D", {0: {"create": "FIXED"}, 1000: {"create": "FIXED"}}),
    ),
}


@pytest.mark.parametrize("squash", REFUSALS)
def test_every_refusal_has_its_reason(leader, follower, squash):
    init(leader, f"--follower {FOLLOWER} --squash {squash} --yes")
    mount(follower)
    for number, (make, named) in enumerate(REFUSALS[squash]):
        path = f"{CELLS}/{number}"
        script = make.replace(" D", f" {path}")
        leader.run(f"set -e; mkdir {path}; setfacl -bk {path}; chown 0:0 {path}; {script}")
        assert reasons(follower, path, *named) == named, (make, named)
        if squash == "all" and "+i" in make:
            command = f"gshare verify {path} --as {OWNER}"
            for tool in ("chattr", "setfacl"):
                shown = result(follower, command, status=3)
                fix = [told["fix"] for told in shown["findings"] if tool in told["fix"]][0]
                run_fix(fix, follower, leader)
            assert not finding(follower, command, "VERIFY_LESS")
        leader.run(f"chattr -i {path}; rmdir {path}")


def test_an_acl_of_the_leader(leader):
    """Its own users are kept out as followers are; what gives them the right is run as printed."""
    init(leader)
    leader.run(f"setfacl -m u:{OWNER}:r-x {SHARE}/datasets")
    gone_after(leader, f"gshare verify {SHARE} --as {OWNER}:{OWNER}", "VERIFY_LESS")


def test_read_only_by_whom(leader, follower):
    init(leader, f"--follower {FOLLOWER}:ro")
    mount(follower)
    assert reasons(follower, SHARE, 1000)[1000] == {"create": "RO_LEADER"}
    follower.run(f"umount {SHARE}; mount -t nfs4 -o ro {LEADER}:{SHARE} {SHARE}")
    assert reasons(follower, SHARE, 1000)[1000] == {"create": "RO_MOUNT"}


# quotactl(2) without quota-tools: user 1001 may have as many files as it has, one.
LIMIT = """
import ctypes, struct
limit = ctypes.create_string_buffer(struct.pack("=8QI", 0, 0, 0, 1, 1, 0, 0, 0, 4), 72)
command = ctypes.c_int((0x800008 << 8) & 0xffffffff)  # Q_SETQUOTA, USRQUOTA
if ctypes.CDLL(None, use_errno=True).quotactl(command, b"/dev/loop7", 1001, limit):
    raise OSError(ctypes.get_errno(), "quotactl")
"""


def test_quota(leader, follower):
    script = f"""
set -e
modprobe -a loop quota_v2
truncate -s 64M /srv/disk
mkfs.ext4 -q -O quota /srv/disk
losetup /dev/loop7 /srv/disk
mkdir -p {SHARE}
mount -o usrquota /dev/loop7 {SHARE}
"""
    leader.run(script, timeout=60)
    init(leader, f"--follower {FOLLOWER} --squash root")
    leader.run(f"chmod 0777 {CELLS}; touch {CELLS}/one; chown 1001 {CELLS}/one")
    leader.put("/run/limit.py", LIMIT)
    leader.run("python3 /run/limit.py")
    mount(follower)
    named = reasons(follower, CELLS, 1000, 1001)
    assert named[1001] == {"create": "QUOTA"} and "create" not in named[1000], named
    assert probes(leader) == ""


def map_ids(guest, module, word):
    """Let a guest send owners as numbers (Y), or as words (N): nfsidmap(8)."""
    guest.run(f"echo {word} >/sys/module/{module}/parameters/nfs4_disable_idmapping")


def test_id_mapping(leader, follower):
    init(leader, f"--follower {FOLLOWER} --squash none --yes")
    # One that was started before nfsd's module was there does not serve it.
    leader.run(f"chmod 0777 {CELLS}; systemctl restart nfs-idmapd")
    follower.run("printf '[General]\\nDomain = elsewhere.example\\n' >/etc/idmapd.conf")
    follower.run("modprobe nfsv4; nfsidmap -c")
    map_ids(leader, "nfsd", "N")
    map_ids(follower, "nfs", "N")
    try:
        mount(follower)
        done = follower.run(f"gshare verify {CELLS} --as 1000", check=False)
        named = reasons(follower, CELLS, 1000)
    finally:
        map_ids(leader, "nfsd", "Y")
        map_ids(follower, "nfs", "Y")
    assert named[0] == {"chown": "ID_MAPPING"}, done
    assert "the same Domain in /etc/idmapd.conf" in done.out, done
    for ident in ("SQUASH_NONE", "DIR_WORLD_WRITABLE"):
        gone_after(leader, "gshare leader status", ident)


def test_when_the_other_node_is_seen(leader, follower):
    init(leader)
    mount(follower)
    seen = result(follower, "gshare verify")["seen"]
    print(seen)
    assert seen["why"] is None and seen["us"] < 1000000 and seen["lag_s"] == 60
    assert probes(leader) == ""
    script = f"umount {SHARE}; mount -t nfs4 -o vers=4.2,actimeo=3 {LEADER}:{SHARE} {SHARE}"
    follower.run(script)
    assert result(follower, "gshare verify")["seen"]["lag_s"] == 3
    # By hand: asked for, made on the leader, asked for again until it is there.
    wait = f"until test -e {SHARE}/files/new; do sleep 0.1; done"
    follower.run(f"test -e {SHARE}/files/new", check=False)
    leader.run(f"touch {SHARE}/files/new")
    assert follower.run(f"timeout 10 sh -c '{wait}'").seconds < 3 + 2
    leader.run("gshare leader ro --all")
    assert result(follower, "gshare verify")["seen"]["why"] == "no file can be made"
    assert probes(leader) == ""


def test_nothing_is_left_when_killed(leader, follower):
    """The command alone, and with every process of it at once: then the next run tidies up."""
    init(leader)
    mount(follower)
    whole = follower.run("gshare verify --as 1000").seconds
    chance = random.Random(7)
    for _ in range(20):
        after = chance.uniform(0.02, whole)
        follower.run(f"timeout -s KILL {after:.3f} gshare verify --as 1000", check=False)
    assert settled(follower, "pgrep -x gshare", "".__eq__) == ""
    assert probes(leader) == ""
    for _ in range(5):
        after = chance.uniform(0.02, whole)
        kill = f"sleep {after:.3f}; pkill -KILL -x gshare"
        follower.run(f"gshare verify --as 1000 >/dev/null & {kill}; wait", check=False)
    print("left by a kill of all processes:", probes(leader).split())
    leader.run(f"find {SHARE} -name '.gshare-probe*' -exec touch -hd '3 hours ago' {{}} +")
    follower.run("gshare verify")
    assert probes(leader) == ""


# Each ends with a file system at /srv/KIND.
LOCAL = {
    "ext4": "truncate -s 64M /root/e; mkfs.ext4 -q /root/e; mount -o loop /root/e /srv/ext4",
    "tmpfs": "mount -t tmpfs none /srv/tmpfs",
    "overlay": "mkdir -p /srv/o/l /srv/o/u /srv/o/w; mount -t overlay none /srv/overlay "
               "-o lowerdir=/srv/o/l,upperdir=/srv/o/u,workdir=/srv/o/w",
    "full": "mount -t tmpfs -o size=16k none /srv/full; cat /dev/zero >/srv/full/x 2>&- || :",
    "ro": "mount -t tmpfs -o ro none /srv/ro",
}


def test_on_any_file_system(follower):
    follower.run("modprobe loop")
    for kind, make in LOCAL.items():
        follower.run(f"set -e; mkdir -p /srv/{kind}; {make}", timeout=60)
        follower.run(f"chmod 1777 /srv/{kind}", check=False)
    for kind in ("ext4", "tmpfs", "overlay"):
        rows = result(follower, f"gshare verify /srv/{kind} --as 1000:1001 --as ubuntu")["access"]
        assert {row["create"] + row["rename"] + row["delete"] for row in rows} == {"yesyesyes"}
        assert [(row["uid"], row["gid"], row["owner"]) for row in rows] == [
            (0, 0, 0), (1000, 1001, 1000), (1000, 1000, 1000)
        ]
    assert reasons(follower, "/srv/full", 1000)[1000]["create"] == "FULL"
    assert reasons(follower, "/srv/ro", 1000)[1000]["create"] == "RO_MOUNT"
    follower.run("chattr +i /srv/ext4")
    assert reasons(follower, "/srv/ext4", 1000)[1000] == {"create": "FIXED"}
    follower.run("chattr -i /srv/ext4; umount /srv/ext4 /srv/overlay /srv/tmpfs /srv/full /srv/ro")
