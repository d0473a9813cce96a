# SPDX-License-Identifier: GPL-2.0-or-later
"""Who is root on a follower makes up file handles: none leads out of a share, unless it was opened.

forge.py does what is tried. Each row of defaults stands beside its control: the same share, opened
with --no-subtree-check, from which the same program does escape.
"""

import json
import sys
from pathlib import Path

import pytest
from lab.lab import LEADER
from lab.scene import FOLLOWER, SHARE, await_in, init, mount, printed, result, run_fix

FORGE = (Path(__file__).parent / "forge.py").read_text()
DISKS = "/var/lib/lab-disks"
HANDLES = 200  # at least so many are made up each time
KEYS = "home/ubuntu/.ssh/authorized_keys"

# What the leader's kernel calls a file: name_to_handle_at(2), as TYPE:HEX.
ENCODE = """
import ctypes, struct, sys
libc = ctypes.CDLL(None, use_errno=True)
for path in sys.argv[1:]:
    handle = ctypes.create_string_buffer(struct.pack("Ii", 128, 0) + bytes(128))
    at = ctypes.c_int()
    if libc.name_to_handle_at(-100, path.encode(), handle, ctypes.byref(at), 0):
        raise OSError(ctypes.get_errno(), path)
    size, kind = struct.unpack_from("Ii", handle)
    print(f"{kind}:{handle.raw[8:8 + size].hex()}")
"""


def forge(guest, leader, top, victims, path=SHARE, handle=None):
    """Run the attack from a guest; return what it said."""
    paths = " ".join(f"{top}/{victim}" for victim in ("", *victims)).replace("//", "/")
    leader.put("/root/encode.py", ENCODE)
    fileids = leader.run(f"python3 -I -S /root/encode.py {paths}").out.split()
    guest.put("/root/forge.py", FORGE)
    words = [f"--victim {victim}" for victim in victims]
    words += [f"--fileid {fileid}" for fileid in fileids]
    words += [f"--handle {handle}"] if handle else []
    run = guest.run(f"python3 -I -S /root/forge.py {LEADER} {path} {' '.join(words)}", timeout=180)
    said = json.loads(run.out)
    print(f"{path}: {said['handles']} handles made up, {run.seconds:.1f} s, said {said['status']}")
    print(f"  {said['escapes'][:6]} {said['directory']}", file=sys.stderr)
    return said


def assert_confined(said, root=False):
    """Nothing that was tried got out."""
    assert said["escapes"] == []
    assert said["handles"] >= HANDLES
    assert said["root"] == root


def warned(leader, command, path=SHARE):
    """Return the fix that a command prints for a share that can be left; None if it is silent."""
    shown = result(leader, command, timeout=90)
    found = [f for f in shown["findings"] if f["id"] == "EXPORT_ESCAPE" and f["severity"] == "warn"]
    for finding in found:
        assert path in finding["text"]
    return found[0]["fix"] if found else None


def keys(leader):
    """Give the leader's ubuntu a file that a follower would like to write."""
    leader.run(f"install -d -o 1000 -g 1000 -m 0700 /home/ubuntu/.ssh && echo mine >/{KEYS} && "
               f"chown 1000:1000 /{KEYS} && chmod 0600 /{KEYS}")


@pytest.mark.server("running")
@pytest.mark.parametrize("squash", ["all", "root", "none"])
def test_a_share_on_the_root_file_system(leader, follower, intruder, squash):
    keys(leader)
    init(leader, f"--follower {FOLLOWER} --squash {squash} --yes")
    victims = ("etc/shadow", KEYS)
    said = forge(follower, leader, "/", victims)
    assert_confined(said, root=squash == "none")
    assert leader.get(f"/{KEYS}") == "mine\n"
    assert warned(leader, "gshare leader status") is None

    stranger = forge(intruder.guest, leader, "/", victims, handle=said["share"])
    assert_confined(stranger)

    opened = leader.run("gshare leader init --no-subtree-check", timeout=90)
    assert "EXPORT_ESCAPE" in opened.out + opened.err
    said = forge(follower, leader, "/", victims)
    shadow = [escape for escape in said["escapes"] if "read etc/shadow" in escape]
    assert bool(shadow) == (squash != "all")
    assert any(f"wrote {KEYS}" in escape for escape in said["escapes"])
    assert leader.get(f"/{KEYS}") != "mine\n"
    assert_confined(forge(intruder.guest, leader, "/", victims, handle=said["share"]))
    if squash == "none":  # root has written to all that it reached, gshare's journal included
        return

    fix = warned(leader, "gshare leader status")
    assert fix == warned(leader, "gshare leader init")
    assert fix == f"sudo gshare leader init {SHARE} --subtree-check"
    leader.run(fix.removeprefix("sudo "), timeout=90)
    assert warned(leader, "gshare leader status") is None
    assert_confined(forge(follower, leader, "/", victims), root=squash == "none")


# A file system of each kind in a loop image, mounted at /mnt/KIND.
MAKE = {
    "ext4": "truncate -s 64M ext4; mkfs.ext4 -q ext4; mount -o loop ext4 /mnt/ext4",
    "xfs": "truncate -s 320M xfs; mkfs.xfs -q xfs; mount -o loop xfs /mnt/xfs",
    "btrfs": "truncate -s 160M btrfs; mkfs.btrfs -q btrfs; mount -o loop btrfs /mnt/btrfs",
}


def make(leader, kind):
    """Make a file system of a kind, with two files beside the share: root's, and the owner's."""
    leader.run(f"modprobe loop; mkdir -p {DISKS} /mnt/{kind}; cd {DISKS} && rm -f {kind} && "
               f"{{ umount -q /mnt/{kind}; {MAKE[kind]}; }}", timeout=120)
    leader.run(f"cd /mnt/{kind} && mkdir beside && echo roots >beside/root && chmod 600 beside/root "
               "&& echo owners >beside/owner && chown 1000:1000 beside/owner")


@pytest.mark.server("running")
@pytest.mark.parametrize("kind", MAKE)
def test_a_share_on_a_file_system(leader, follower, kind):
    top, victims = f"/mnt/{kind}", ("beside/root", "beside/owner")
    make(leader, kind)

    path = f"{top}/shared"  # in a directory: confined
    init(leader, f"{path} --follower {FOLLOWER}")
    assert ",subtree_check" in leader.run(f"grep ^{path} /etc/exports").out
    assert_confined(forge(follower, leader, top, victims, path))
    leader.run(f"gshare leader init {path} --no-subtree-check", timeout=90)
    said = forge(follower, leader, top, victims, path)
    assert any("wrote beside/owner" in escape for escape in said["escapes"])
    assert leader.get(f"{top}/beside/owner") != "owners\n"
    assert warned(leader, f"gshare leader status --path {path}", path)
    leader.run(f"gshare leader destroy --path {path} --yes; rm -r {path}")

    init(leader, f"{top} --follower {FOLLOWER}")  # the file system itself: nothing beside it
    assert ",no_subtree_check" in leader.run(f"grep ^{top} /etc/exports").out
    assert warned(leader, f"gshare leader status --path {top}", top) is None
    said = forge(follower, leader, top, (), top)
    assert said["handles"] >= HANDLES
    inside = leader.run(f"find {top} -xdev -printf '%i\n'").out.split()
    reached = {escape.split()[2] for escape in said["escapes"] if " inode " in escape}
    assert reached <= {*inside}, said


# A path that is a mount point, with more of its file system around: bound, and a subvolume.
AROUND = {
    "bound": ("ext4", "mkdir /mnt/ext4/part /srv/part && mount --bind /mnt/ext4/part /srv/part"),
    "subvolume": ("btrfs", "btrfs subvolume create /mnt/btrfs/part && mkdir /srv/part && "
                           "mount -o subvol=part $(findmnt -no SOURCE /mnt/btrfs) /srv/part"),
}


@pytest.mark.server("running")
@pytest.mark.shares("/srv/part")
@pytest.mark.parametrize("what", AROUND)
def test_a_mount_point_that_is_no_file_system(leader, follower, what):
    kind, command = AROUND[what]
    victims = ("beside/root", "beside/owner")
    make(leader, kind)
    leader.run(command)
    init(leader, f"/srv/part --follower {FOLLOWER}")
    assert ",subtree_check" in leader.run("grep ^/srv/part /etc/exports").out
    assert_confined(forge(follower, leader, f"/mnt/{kind}", victims, "/srv/part"))
    leader.run("gshare leader init /srv/part --no-subtree-check", timeout=90)
    said = forge(follower, leader, f"/mnt/{kind}", victims, "/srv/part")
    assert any("wrote beside/owner" in escape for escape in said["escapes"])
    assert warned(leader, "gshare leader status --path /srv/part", "/srv/part")


# Shows a directory's handle (SERVER PATH), or links into it what it names by a handle of its own
# making, with the head of the one that the server gives for a directory of another export (SERVER
# PATH TYPE:HEX HANDLE).
LINKER = """
import sys
sys.path.insert(0, "/root")
import forge
server, path, *rest = sys.argv[1:]
v4, owner = forge.V4(forge.Connection(server)), (1000, 1000)

head = None
for part in path.strip("/").split("/"):
    head = v4.lookup(head, part.encode(), owner)
if not rest:
    print(head.hex())
    sys.exit()
kind, data = rest[0].split(":")
end = 4 + forge.FSID_BYTES.get(head[2], 8)
made_up = head[:3] + bytes([int(kind)]) + head[4:end] + bytes.fromhex(data)
try:
    print("outside,", v4.inode(made_up, owner))
    v4.link(made_up, bytes.fromhex(rest[1]), b"innocent", owner)
    print("linked")
except forge.Refused as refused:
    print("refused", refused.status)
"""

# What else is exported, the directory by whose handle the share's file system is named, and an
# export in its place by which nothing outside the share can be: it has none of its own there.
OTHERS = {
    "beside": ("/mnt/ext4/public", "ro,no_subtree_check", "/mnt/ext4/public", "ro,subtree_check"),
    "across": ("/mnt", "ro,crossmnt,no_subtree_check", "/mnt/ext4", "ro,no_subtree_check"),
    "across, and checked": ("/mnt", "ro,crossmnt,subtree_check", "/mnt/ext4",
                            "ro,subtree_check"),
    "around, and checked": ("/mnt/ext4", "ro,subtree_check", "/mnt/ext4", None),
}


@pytest.mark.server("running")
@pytest.mark.parametrize("which", OTHERS)
def test_another_export_opens_a_confined_share(leader, follower, which):
    """nfsd asks nothing of what a link is made to: a handle of a read-only export will do."""
    top, share = "/mnt/ext4", "/mnt/ext4/shared"
    other, options, named, harmless = OTHERS[which]
    make(leader, "ext4")
    init(leader, f"{share} --follower {FOLLOWER}")
    assert ",subtree_check" in leader.run(f"grep ^{share} /etc/exports").out
    leader.run(f"mkdir {top}/public; install -m 600 /etc/hostname {share}/datasets/honest")
    leader.put("/root/encode.py", ENCODE)
    victim = leader.run(f"python3 -I -S /root/encode.py {top}/beside/root").out.strip()
    follower.put("/root/forge.py", FORGE)
    follower.put("/root/linker.py", LINKER)
    linker = f"python3 -I -S /root/linker.py {LEADER}"
    # Taken now: with an export above the share a walk from there stays in that one, read-only.
    handle = follower.run(f"{linker} {share}/datasets").out.strip()
    attack = f"{linker} {named} {victim} {handle}"
    repair = f"gshare leader repair --path {share}"
    if harmless:
        leader.run(f"echo '{other} {FOLLOWER}({harmless})' >>/etc/exports && exportfs -ra")
        said = follower.run(attack, check=False).out
        assert "linked" not in said, said
        assert leader.run(f"{repair} --dry-run").status == 0
        leader.run(f"sed -i '\\|^{other} |d' /etc/exports")

    leader.run(f"echo '{other} {FOLLOWER}({options})' >>/etc/exports && exportfs -ra")
    said = follower.run(attack).out
    assert "linked" in said, said
    inside = leader.run(f"stat -c '%i %h' {share}/datasets/innocent {top}/beside/root").out
    assert len({*inside.splitlines()}) == 1 and inside.split()[1] == "2", inside
    for words in ("", " --dry-run"):
        refused = leader.run(repair + words, check=False)
        assert refused.status == 1 and "REPAIR_UNSAFE" in refused.err, refused
        assert f"'{other}'" in refused.err, refused
    assert leader.run(f"stat -c '%a %u' {top}/beside/root").out == "600 0\n"

    # Without the other export nobody reaches it, and repair does its work.
    leader.run(f"sed -i '\\|^{other} |d' /etc/exports && exportfs -ra; "
               f"rm {share}/datasets/innocent")
    done = result(leader, repair)
    assert [row["path"] for row in done["repair"]["given"]] == ["datasets/honest"], done


# A program with a file open: for each word on its input it reads the file anew, and says how it was.
HOLDER = """
import os, sys
fd = os.open(sys.argv[1], os.O_RDONLY if sys.argv[2] == "r" else os.O_RDWR)
open(sys.argv[3], "w").close()
while not os.path.exists(sys.argv[3] + ".end"):
    if os.path.exists(sys.argv[3] + ".go"):
        os.unlink(sys.argv[3] + ".go")
        try:
            os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
            if sys.argv[2] == "w":
                os.pwrite(fd, b"more", 0)
                os.fsync(fd)
            said = "read " + os.pread(fd, 64, 0).decode().strip()
        except OSError as error:
            said = os.strerror(error.errno)
        with open(sys.argv[3] + ".new", "w") as out:
            out.write(said)
        os.rename(sys.argv[3] + ".new", sys.argv[3] + ".said")
    else:
        os.sched_yield()
        __import__("time").sleep(0.05)
"""
FORGET = "sync; echo 3 >/proc/sys/vm/drop_caches"


def hold_open(follower, path, how):
    """Have a file open on the follower, for reading (r) or writing too (w)."""
    follower.put("/root/holder.py", HOLDER)
    follower.start(f"python3 -I -S /root/holder.py {path} {how} /root/held")
    await_in(follower, "[ -e /root/held ]")


def held(follower):
    """Return what comes of using the file that is held open."""
    follower.run("rm -f /root/held.said; touch /root/held.go")
    await_in(follower, "[ -e /root/held.said ]", 60)
    return follower.get("/root/held.said")


@pytest.mark.server("running")
def test_live_followers_when_the_option_changes(leader, follower):
    init(leader, f"--follower {FOLLOWER} --no-subtree-check")
    mount(follower)
    follower.run(f"echo here >{SHARE}/files/a; echo here >{SHARE}/files/b")
    hold_open(follower, f"{SHARE}/files/a", "w")
    refused = leader.run("gshare leader init --subtree-check --drain 0", check=False, timeout=90)
    assert refused.status == 1 and "FILES_OPEN" in refused.err
    assert held(follower).startswith("read more")
    run_fix(printed(refused, "FILES_OPEN"), leader, timeout=90)
    assert ",subtree_check" in leader.run(f"grep ^{SHARE} /etc/exports").out
    leader.run("gshare undo --yes --force", timeout=90)
    follower.run("touch /root/held.end; sleep 1; rm -f /root/held*")

    hold_open(follower, f"{SHARE}/files/b", "r")
    for words in ("init --subtree-check", "init --no-subtree-check", "init --subtree-check"):
        leader.run(f"gshare leader {words}", timeout=90)
        said = [held(follower)]
        leader.run(FORGET)
        said.append(held(follower))
        print(f"{words}: a file held open: {said}")
        follower.run(f"cat {SHARE}/files/a && echo new >{SHARE}/files/c && ls {SHARE}/files")
        assert said == ["read here", "read here"]
    leader.run("gshare undo --yes", timeout=90)
    assert ",no_subtree_check" in leader.run(f"grep ^{SHARE} /etc/exports").out
    assert held(follower) == "read here"


@pytest.mark.server("running")
def test_an_open_file_moves_to_another_directory(leader, follower):
    init(leader)
    mount(follower)
    follower.run(f"echo here >{SHARE}/files/a")
    hold_open(follower, f"{SHARE}/files/a", "w")
    for there, back in (("datasets", "files"), ("files", "datasets")) * 3:
        follower.run(f"mv {SHARE}/{back}/a {SHARE}/{there}/a")
        assert held(follower).startswith("read more")
        leader.run(FORGET)
        assert held(follower).startswith("read more"), there
        assert follower.get(f"{SHARE}/{there}/a").startswith("more")
