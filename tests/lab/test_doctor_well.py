# SPDX-License-Identifier: GPL-2.0-or-later
"""doctor, where all is well and unusual: nothing fails, and no warning is wrong."""

import pytest
from lab.lab import LEADER
from lab.scene import FOLLOWER, SHARE, init, mount, result, run_fix

TREE, AT = "/srv/d", "/mnt/w"
DOCTOR = "gshare doctor --timeout 20"  # as in test_doctor
NET = "192.168.18.0/24"
MOUNT = f"mount -t nfs4 {LEADER}:{TREE} {AT}"
FSTAB = f"echo '{LEADER}:{TREE} {AT} nfs4 {{}} 0 0' >>/etc/fstab; "
PREPARE = (
    "exportfs -ua; umount /srv/b {0}/in; rm -rf {0} /etc/exports.d; mkdir -p {0}/a; "
    "chown 1000:1000 {0} {0}/a"
).format(TREE)
# Others' mounts and exports: what is meant is theirs to know.
UNDO = (
    "findmnt -rno TARGET -t nfs,nfs4 | tac | xargs -r -n1 umount; "
    f"sed -i '\\|{TREE}|d' /etc/fstab; systemctl daemon-reload"
)

# What is exported, how it came about, how it is mounted, and what the leader's administrator is
# told all the same; a mount is without a word.
WELL = (
    ("NFS 3", f"{TREE} {NET}(rw,subtree_check)", "iptables -I INPUT -j ACCEPT",
     f"mount -t nfs -o vers=3,nolock {LEADER}:{TREE} {AT}", ()),
    ("a netgroup", f"{TREE} @trusted(rw,subtree_check) {FOLLOWER}(rw,subtree_check)", "", MOUNT,
     ("EXPORT_WIDE",)),
    ("Kerberos as well", f"{TREE} {NET}(rw,sec=sys:krb5p,subtree_check)", "", MOUNT, ()),
    ("Kerberos elsewhere",
     f"/srv/k {NET}(rw,sec=krb5p,subtree_check)\n{TREE} {FOLLOWER}(rw,subtree_check)",
     "mkdir -p /srv/k; chown 1000 /srv/k", MOUNT, ()),
    ("many exports", f"{TREE} {FOLLOWER}(rw,subtree_check)",
     "seq -f /srv/h/%g 300 | xargs mkdir -p; chown 1000 /srv/h/*; mkdir -p /etc/exports.d; "
     "seq -f '/srv/h/%g 10.1.2.3(rw,subtree_check)' 300 >/etc/exports.d/h.exports", MOUNT, ()),
    ("a bind mount", f"/srv/b {FOLLOWER}(rw,subtree_check)",
     f"mkdir -p /srv/b; mount --bind {TREE} /srv/b",
     f"mount -t nfs4 {LEADER}:/srv/b {AT}", ()),
    ("a directory below", f"{TREE} {FOLLOWER}(rw,subtree_check)", "",
     f"mount -t nfs4 {LEADER}:{TREE}/a {AT}", ()),
    ("two mounts of it", f"{TREE} {FOLLOWER}(rw,subtree_check)", "",
     f"{MOUNT}; mount -t nfs4 {LEADER}:{TREE} {AT}2", ()),
    ("another file system below", f"{TREE} {FOLLOWER}(rw,crossmnt,subtree_check)",
     f"mkdir -p {TREE}/in; mount -t tmpfs none {TREE}/in", MOUNT, ()),
    ("async, insecure", f"{TREE} {FOLLOWER}(rw,async,insecure,subtree_check)",
     "", MOUNT, ()),
    ("ro for all", f"{TREE} {FOLLOWER}(ro,subtree_check)", "", f"{MOUNT} -o ro", ()),
    ("ro here alone", f"{TREE} {FOLLOWER}(rw,subtree_check)", "", f"{MOUNT} -o ro", ()),
    ("ro data of root", f"{TREE} {FOLLOWER}(ro,subtree_check)",
     f"chown -R root {TREE}; chmod -R g-w,o-w {TREE}", f"{MOUNT} -o ro", ()),
    ("soft, 4.0", f"{TREE} {FOLLOWER}(rw,subtree_check)", "",
     f"{MOUNT} -o soft,noac,vers=4.0", ()),
    ("in fstab", f"{TREE} {FOLLOWER}(rw,subtree_check)", "",
     FSTAB.format("defaults,_netdev") + f"mount {AT}", ()),
    ("automount", f"{TREE} {FOLLOWER}(rw,subtree_check)", "",
     FSTAB.format("noauto,x-systemd.automount,_netdev")
     + f"systemctl daemon-reload; systemctl start mnt-w.automount; ls {AT}", ()),
    ("a link on the way", f"{TREE} {FOLLOWER}(rw,subtree_check)", "",
     f"mkdir -p /opt/w; ln -sfn /opt /mnt/l; echo '{LEADER}:{TREE} /mnt/l/w nfs4 _netdev 0 0' "
     ">>/etc/fstab; mount /mnt/l/w", ()),
    ("homes", f"{TREE} {NET}(rw,no_subtree_check)",
     f"chown root:root {TREE}; mkdir {TREE}/b; chown 1001 {TREE}/b; chmod 700 {TREE}/*", MOUNT,
     ("EXPORT_ESCAPE", "PROBE_UNSAFE")),
    ("one home", f"{TREE} {NET}(rw,subtree_check)",
     f"mkdir {TREE}/b; chown 1001 {TREE}/b; chmod 700 {TREE}/b", f"mount -t nfs4 {LEADER}:{TREE}/b {AT}",
     ()),
)


def well(guest, told, what):
    shown = result(guest, DOCTOR, timeout=30)
    ids = {found["id"] for found in shown["findings"] if found["severity"] != "note"}
    assert shown["cause"] is None and ids == set(told), (what, shown)
    assert [case for case in shown["cases"] if case["id"] is None], (what, shown)


@pytest.mark.sampled
@pytest.mark.parametrize("half", (0, 1), ids=("first", "second"))
@pytest.mark.server("running")
def test_what_others_have_made(leader, follower, half):
    follower.run(f"mkdir -p {AT} {AT}2")
    for what, exports, how, mounts, told in WELL[half::2]:
        leader.run(PREPARE, check=False)
        leader.run(f"{how or ':'}; printf '{exports}\n' >/etc/exports; exportfs -ra 2>&1")
        well(leader, told, what)
        try:
            follower.run(mounts)
            well(follower, (), what)
        finally:
            follower.run("systemctl stop mnt-w.automount 2>&1; " + UNDO, check=False)
    leader.run(PREPARE, check=False)


@pytest.mark.server("running")
def test_the_guide_is_mended(leader, follower):
    """Its directories are root's, so that nobody can write: each node says so, the leader mends."""
    leader.run(f"mkdir -p {SHARE}/postgresql_data {SHARE}/postgres_backups; "
               f"echo '{SHARE}/ {FOLLOWER}(rw,sync,no_subtree_check)' >>/etc/exports; exportfs -a")
    follower.run(f"mkdir -p {AT}; mount {LEADER}:{SHARE} {AT}")
    assert result(follower, DOCTOR, 3)["cause"] == "VERIFY_LESS"
    shown = result(leader, DOCTOR, 3)
    assert shown["cause"] == "NOBODY_CAN_WRITE", shown
    done = leader.run(f"SUDO_UID=1000 {DOCTOR} --fix --yes", timeout=90)
    assert "running: sudo gshare leader init" in done.out, done
    follower.run(f"umount {AT}; mount {LEADER}:{SHARE} {AT}")
    assert result(follower, DOCTOR)["cause"] is None
    # Where nobody says what it is for, that is a warning, with the same command.
    # Taken away while the follower, which may have it as a delegation, can still give that back.
    leader.run(f"rm {SHARE}/.gshare-id; exportfs -ua; mkdir -p {TREE}; "
               f"echo '{TREE} {FOLLOWER}(rw,subtree_check)' >/etc/exports; exportfs -ra")
    told = result(leader, DOCTOR)["findings"]
    assert [found["id"] for found in told] == ["NOBODY_CAN_WRITE"], told
    run_fix(told[0]["fix"], leader)
    assert result(leader, DOCTOR)["findings"] == []


@pytest.mark.server("running")
def test_two_shares(leader, follower):
    init(leader)
    leader.run(f"SUDO_UID=1000 gshare leader init /srv/two --follower {FOLLOWER}:ro", timeout=60)
    mount(follower, f"{LEADER} {SHARE} --export {SHARE}")
    mount(follower, f"{LEADER} /mnt/two --export /srv/two")
    for guest in (leader, follower):
        shown = result(guest, DOCTOR, timeout=30)
        assert shown["cause"] is None, shown
        assert len([case for case in shown["cases"] if case["id"] is None]) == 2, shown
    # The commands that mount one of them again need no word of which.
    follower.run("umount /mnt/two")
    told = result(follower, DOCTOR, 3, timeout=30)
    assert told["cause"] == "NOT_MOUNTED", told
    run_fix(told["findings"][0]["fix"], follower)
    assert result(follower, DOCTOR, timeout=30)["cause"] is None
    assert "/srv/two" in follower.run("findmnt -n -o SOURCE /mnt/two").out
