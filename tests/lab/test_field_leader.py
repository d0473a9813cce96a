# SPDX-License-Identifier: GPL-2.0-or-later
"""What becomes of a share on real leaders: its directory, its disk, its owner, exports beside it.

Each situation is a row: what happened, what status finds, and what init, add, verify and env make
of it. The fix that is printed is run as it is printed, and then nothing is found any more.
"""

import json

import pytest
from lab import scene
from lab.lab import LEADER
from lab.scene import FOLLOWER2, SHARE, init, mount, result

pytestmark = pytest.mark.server("running")

KEEP = f"cp -a {SHARE}/.gshare-id /root/id"
ANOTHER = f"mv {SHARE} /mnt/data/old && mkdir -m 3775 {SHARE} && chgrp 1000 {SHARE}"

# name: what happened, the finding, is it a failure?
ROWS = {
    "removed": (f"mv {SHARE} /mnt/data/old", "PATH_MISSING", True),
    "another": (ANOTHER, "ID_MISSING", True),
    "read-only": (f"mount --bind {SHARE} {SHARE} && mount -o remount,bind,ro {SHARE}",
                  "FS_READONLY", True),
    "closed": (f"chmod 0700 {SHARE}", "PATH_CLOSED", True),
    "parent closed": ("chmod 0700 /mnt/data", "PATH_CLOSED", False),
    "dataset directory closed": (f"chmod 0700 {SHARE}/files", "DIR_NOT_WRITABLE", True),
    "no dataset directory": (f"rmdir {SHARE}/uploads {SHARE}/files {SHARE}/datasets",
                             "DIR_MISSING", True),
    "one dataset directory less": (f"rmdir {SHARE}/files", "DIR_MISSING", False),
    "disk in a dataset directory": (f"mount -t tmpfs -o mode=2775,gid=1000 none {SHARE}/datasets",
                                    "MOUNT_INSIDE", True),
    "disk in the share": (f"mkdir {SHARE}/more && mount -t tmpfs none {SHARE}/more",
                          "MOUNT_INSIDE", False),
    "owner deleted": ("sed -i /^ubuntu:/d /etc/passwd /etc/group", "OWNER_GONE", False),
}


def findings(guest, words):
    """What a command finds, by id; its exit status under ''."""
    done = guest.run(f"gshare {words} --json", check=False, timeout=60)
    said = json.loads(done.out)
    found = {finding["id"]: finding for finding in said["findings"]}
    return {**found, "": done.status}


def run_fix(guest, finding):
    """Run the first command of a fix as it is printed."""
    scene.run_fix(finding["fix"], guest)


@pytest.mark.parametrize("name", ROWS)
def test_what_is_served_is_told_and_mended(leader, name):
    happened, code, fails = ROWS[name]
    init(leader)
    leader.run(happened)
    seen = findings(leader, "leader status")
    assert code in seen and seen[""] == (3 if fails else 0), seen
    for words in ("verify", "env leader"):
        assert (leader.run(f"gshare {words}", check=False).status != 0) == fails
    said = leader.run(f"gshare leader add {FOLLOWER2} --dry-run 2>&1", check=False)
    refuses = fails and code not in ("MOUNT_INSIDE", "DIR_NOT_WRITABLE")
    assert (said.status != 0) == refuses, said.out
    assert not fails or code in said.out or code == "DIR_NOT_WRITABLE", said.out
    run_fix(leader, seen[code])
    assert code not in findings(leader, "leader status")
    assert findings(leader, "verify")[""] == 0


def test_a_disk_that_is_away_is_mounted_and_no_second_share_is_made(leader):
    leader.run("modprobe loop; truncate -s 64M /root/disk && mkfs.ext4 -q /root/disk && "
               "mkdir -p /mnt/data && mount -o loop /root/disk /mnt/data")
    init(leader)
    ident = leader.get(f"{SHARE}/.gshare-id")
    scene.take_away(leader, "/mnt/data")
    leader.run("exportfs -ra", check=False)
    seen = findings(leader, "leader status")
    assert "PATH_MISSING" in seen and "UUID=" in seen["PATH_MISSING"]["fix"]
    for words in ("leader init", f"leader add {FOLLOWER2}", "env leader"):
        said = leader.run(f"gshare {words} 2>&1", check=False, timeout=60)
        assert said.status != 0 and "PATH_MISSING" in said.out, said.out
    leader.run(f"test ! -e {SHARE}")
    leader.run("losetup --all | grep -q /root/disk || losetup -f /root/disk")
    run_fix(leader, seen["PATH_MISSING"])
    assert leader.get(f"{SHARE}/.gshare-id") == ident
    assert findings(leader, "leader status")[""] == 0
    scene.take_away(leader, "/mnt/data")


def test_a_share_that_is_a_disk_is_not_served_without_it(leader, follower):
    leader.run(f"modprobe loop; truncate -s 64M /root/own && mkfs.ext4 -q /root/own && "
               f"mkdir -p {SHARE} && mount -o loop /root/own {SHARE}")
    init(leader)
    assert "anongid=1000,mountpoint)\n" in leader.get("/etc/exports")
    scene.take_away(leader, SHARE)
    leader.run("systemctl restart nfs-server")  # as a boot without the disk has it
    said = follower.run(f"gshare follower mount {LEADER} --export {SHARE}", check=False)
    assert said.status == 1 and "EXPORT_ABSENT" in said.err, said
    assert leader.run(f"find {SHARE}").out == f"{SHARE}\n"
    leader.run("losetup --all | grep -q /root/own || losetup -f /root/own")
    scene.gone_after(leader, "gshare leader status", "ID_MISSING")
    mount(follower)
    added = leader.run(f"gshare leader add {FOLLOWER2}:ro")
    assert added.status == 0 and leader.get("/etc/exports").count(",mountpoint)\n") == 2
    follower.run(f"gshare follower unmount {SHARE}")
    # Moved to the root's file system with all that it has: mountd shows it to nobody all the same.
    leader.run(f"cp -a {SHARE} /mnt/data/copy")
    scene.take_away(leader, SHARE)
    leader.run(f"rmdir {SHARE} && mv /mnt/data/copy {SHARE} && systemctl restart nfs-server")
    leader.run("losetup --all | grep -q /root/own || losetup -f /root/own")
    added = leader.run(f"gshare leader add 192.168.18.10 --path {SHARE}", check=False)
    assert added.status == 1 and "PATH_NOT_MOUNTED" in added.err, added
    scene.gone_after(leader, "gshare leader status", "PATH_NOT_MOUNTED")
    mount(follower)
    follower.run(f"gshare follower unmount {SHARE} --forget")
    scene.take_away(leader, SHARE)


def test_a_replaced_directory_that_nfsd_still_serves(leader, follower):
    init(leader)
    mount(follower)
    leader.run(f"{KEEP} && {ANOTHER} && cp -a /root/id {SHARE}/.gshare-id && "
               f"mkdir {SHARE}/uploads {SHARE}/files {SHARE}/datasets")
    seen = findings(leader, "leader status")
    assert "EXPORT_REPLACED" in seen and seen[""] == 3
    assert "/mnt/data/old" in seen["EXPORT_REPLACED"]["text"]
    # Whoever may not read the table that root reads is not told that it is healthy.
    alone = leader.run(scene.as_user(1000, "gshare leader status"), check=False)
    assert alone.status == 3 and "EXPORT_REPLACED" in alone.out, alone
    said = leader.run("gshare leader init 2>&1", check=False)
    assert said.status == 1 and "EXPORT_REPLACED" in said.out
    run_fix(leader, seen["EXPORT_REPLACED"])
    assert "EXPORT_REPLACED" not in findings(leader, "leader status")


# One row lets the whole network in by hand.
@pytest.mark.invited
@pytest.mark.parametrize("root, ident", [
    ("/srv 10.9.0.1", "fails"),
    ("/mnt/data 10.9.0.1", "fails"),
    ("/mnt/data 192.168.18.0/24", "fails"),
    ("/ 10.9.0.1", None),
])
def test_another_pseudo_root(leader, root, ident):
    init(leader)
    leader.run(f"echo '{root}(ro,fsid=0,no_subtree_check)' >>/etc/exports; exportfs -ra")
    seen = findings(leader, "leader status")
    assert ("PSEUDO_ROOT" in seen) == (ident is not None)
    assert seen[""] == (3 if ident == "fails" else 0)
    added = leader.run(f"gshare leader add {FOLLOWER2} 2>&1", check=False)
    assert (added.status != 0) == (ident == "fails"), added.out
    if ident:
        told = scene.gone_after(leader, "gshare leader status", "PSEUDO_ROOT", which=1)
        assert told["fix"].startswith("see whom it serves: sudo exportfs -v; if its clients may be")
        assert "fsid=0" not in leader.run("exportfs -s").out


def test_the_printed_export_below_a_pseudo_root_mounts(leader, follower):
    leader.run(f"mkdir -p {SHARE}; mount --bind {SHARE} {SHARE}; echo '/mnt/data 192.168.18.0/28(ro,fsid=0,no_subtree_check)' "
               ">/etc/exports; exportfs -ra")
    done = init(leader)
    command = [line for line in done.out.splitlines() if "gshare follower mount" in line][0]
    follower.run(command, timeout=60)
    follower.run(f"touch {SHARE}/files/x")
    leader.run(f"test -e {SHARE}/files/x")
    follower.run(f"gshare follower unmount {SHARE}")
    scene.take_away(leader, SHARE)


def test_what_nfsd_cannot_export_is_refused(leader):
    leader.run("mkdir -p /o && mount -t tmpfs none /o && mkdir /o/l /o/u /o/w /o/m && "
               "mount -t overlay -o lowerdir=/o/l,upperdir=/o/u,workdir=/o/w overlay /o/m")
    said = leader.run(f"gshare leader init /o/m --follower {FOLLOWER2} 2>&1", check=False)
    assert said.status == 1 and "FS_UNEXPORTABLE" in said.out and "overlay" in said.out
    told = scene.finding(leader, "gshare leader init /o/m", "FS_UNEXPORTABLE")
    assert "ext4" in scene.run_fix(told["fix"], leader).out  # the root's
    leader.run("test ! -e /o/m/.gshare-id && umount /o/m /o")


def test_an_absent_directory_is_not_exported(leader):
    init(leader)
    said = leader.run(f"gshare leader add {FOLLOWER2} --path /data/nowhere 2>&1", check=False)
    assert said.status == 1 and "PATH_MISSING" in said.out and "(null)" not in said.out
    assert "/data/nowhere" not in leader.get("/etc/exports")
    add = f"gshare leader add {FOLLOWER2} --path /data/nowhere --dry-run"
    scene.gone_after(leader, add, "PATH_MISSING")


def test_a_follower_sees_that_the_leader_gives_ro(leader, follower):
    init(leader)
    mount(follower)
    assert "LEADER_READONLY" not in findings(follower, "follower status")
    leader.run("gshare leader ro --all")
    seen = findings(follower, "follower status")
    assert "LEADER_READONLY" in seen
    follower.run(f"touch {SHARE}/files/x", check=False)
    text = follower.run("gshare follower status", check=False).out
    assert "read-only on the leader" in text and "\nhealthy" not in text
    follower.run("gshare follower remount --ro")
    for _ in ("ro before", "rw already"):
        assert "LEADER_READONLY" in findings(follower, "follower remount --rw")
    fix = seen["LEADER_READONLY"]["fix"]
    assert fix.startswith(f"on {LEADER} run: ")
    scene.run_fix(fix, follower, leader)
    assert "LEADER_READONLY" not in findings(follower, "follower status")
    follower.run(f"touch {SHARE}/files/x")
    # The same from the leader's file system: the second command of the fix names that.
    leader.run(f"mount --bind {SHARE} {SHARE} && mount -o remount,bind,ro {SHARE} && exportfs -f")
    seen = findings(follower, "follower status")
    second = scene.run_fix(seen["LEADER_READONLY"]["fix"], follower, leader, which=1, check=False)
    assert "FS_READONLY" in second.out
    leader.run(f"umount -l {SHARE}; exportfs -f")


def test_new_id_is_for_the_asking(leader):
    init(leader)
    before = leader.get(f"{SHARE}/.gshare-id")
    leader.run("gshare leader init --new-id")
    after = leader.get(f"{SHARE}/.gshare-id")
    assert before != after
    assert result(leader, "gshare leader init --json")["changed"] is False
    # What a follower can have put beside a missing id is no wish for a new one.
    leader.run(f"cd {SHARE} && rm .gshare-id && touch .gshare-id.old && chown 1000 .gshare-id.old")
    scene.gone_after(leader, "gshare leader init", "ID_MISSING")
    assert leader.get(f"{SHARE}/.gshare-id") not in (before, after)


def test_crossmnt_does_not_open_postgresqls_own_disk(leader):
    init(leader)
    data = f"{SHARE}/postgresql_data"
    leader.run(f"mount -t tmpfs -o mode=0700,uid=1000,gid=1000 none {data}")
    assert "MOUNT_INSIDE" not in findings(leader, "leader status")
    said = leader.run("gshare leader init --crossmnt 2>&1", check=False)
    assert said.status == 1 and "OWNER_OWNS_DATA" in said.out, said.out
    assert ",crossmnt" not in leader.run(f"grep ^{SHARE} /etc/exports").out
    scene.gone_after(leader, "gshare leader init --crossmnt", "OWNER_OWNS_DATA")
    assert ",crossmnt" in leader.run(f"grep ^{SHARE} /etc/exports").out
    leader.run(f"umount {data}")


def test_a_copy_on_the_same_leader_is_told(leader):
    init(leader)
    leader.run(f"cp -a {SHARE} /mnt/data/copy")
    init(leader, f"/mnt/data/copy --follower {FOLLOWER2}")
    told = scene.gone_after(leader, "gshare leader status", "ID_COPIED")
    assert f"as '{SHARE}'" in told["text"] and "/mnt/data/copy --new-id" in told["fix"], told
    said = leader.run("gshare leader init /mnt/data/copy --new-id").out
    ident = leader.get("/mnt/data/copy/.gshare-id").split()[3]
    assert f"+ id        {ident}" in said and f"--id {ident}\n" in said, said
