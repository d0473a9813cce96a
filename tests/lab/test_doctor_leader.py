# SPDX-License-Identifier: GPL-2.0-or-later
"""doctor: more causes of the leader, each broken in two ways, named, and fixed.

Rows come in pairs, as doctoring.py tells. They also have what the follower's doctor says meanwhile,
where it meets the cause.
"""

import shlex

import pytest
from lab.doctoring import FIRST, NONE, SECOND, WAYS, await_well, go_through, look
from lab.lab import LEADER
from lab.scene import FOLLOWER, SHARE, init, mount

DATASETS = f"{SHARE}/datasets"
DATA = f"{SHARE}/postgresql_data"
AS_OWNER = "setpriv --reuid 1000 --regid 1000 --clear-groups"
FILL = f"dd if=/dev/zero of={SHARE}/files/fill bs=64k status=none 2>/dev/null"
QUOTA = f"{AS_OWNER} touch {SHARE}/files/one; setquota -u 1000 {{}} /mnt/data"
QUOTA_BACK = f"setquota -u 1000 0 0 0 0 /mnt/data; rm -f {SHARE}/files/one"

RESTART = "systemctl restart nfs-server"
LINE = "cp -a /etc/exports /run/exports; {}; exportfs -ra 2>/dev/null || :"
LINE_BACK = "cp -a /run/exports /etc/exports; rm -rf /etc/exports.d; exportfs -ra"
HOSTS = "cp /etc/hosts /run/hosts; sed -i 's/^{}/192.168.18.77/' /etc/hosts"
PLAIN = "(ro,subtree_check,all_squash)"
NUMBERED = "sed -i 's/(rw/(fsid=7,rw/' /etc/exports"
IPTABLES = "iptables-save >/run/iptables; iptables {}"
IPTABLES_BACK = "iptables-restore </run/iptables"
OWNERS = ",anonuid=1000,anongid=1000"

# A share on a small disk: the cause, how it is broken, which command of its fix is run, what else
# restores it, and the finding of the follower's doctor.
DISK = (
    ("SERVER_FULL", f"{FILL} || :", NONE, f"rm {SHARE}/files/fill", "SERVER_FULL"),
    ("SERVER_FULL", f"{AS_OWNER} {FILL} || :", NONE, f"rm {SHARE}/files/fill", "SERVER_FULL"),
    ("SERVER_FULL", f"cd {SHARE}/files; seq -f x%g 4096 | xargs touch 2>/dev/null || :", NONE,
     f"cd {SHARE}/files; seq -f x%g 4096 | xargs rm -f", "SERVER_FULL"),
    ("SERVER_FULL", f"cd {DATASETS}; seq 4096 | xargs mkdir 2>/dev/null || :", NONE,
     f"cd {DATASETS}; seq 4096 | xargs rmdir 2>/dev/null || :", "SERVER_FULL"),
    ("QUOTA_REACHED", QUOTA.format("0 0 1 1"), NONE, QUOTA_BACK, "QUOTA_REACHED"),
    ("QUOTA_REACHED", QUOTA.format("4 4 0 0") + f"; {AS_OWNER} {FILL} || :", NONE,
     f"{QUOTA_BACK} {SHARE}/files/fill", "QUOTA_REACHED"),
    ("FS_READONLY", "mount -o remount,ro /mnt/data", FIRST, "", "LEADER_READONLY"),
    ("FS_READONLY", f"mount --bind {SHARE} {SHARE}; mount -o remount,ro,bind {SHARE}", FIRST,
     f"exportfs -f; for n in $(seq 20); do umount {SHARE} && break; sleep 1.1; exportfs -f; done",
     None),
)

SERVER = (
    ("MOUNTD_DEAD", "pkill -STOP -x rpc.mountd", FIRST, "", None),
    ("MOUNTD_DEAD", "systemctl kill --signal STOP nfs-mountd", FIRST, "", None),
    ("NFSD_PORT", "mkdir -p /etc/nfs.conf.d; "
     f"printf '[nfsd]\\nport=2050\\n' >/etc/nfs.conf.d/x.conf; {RESTART}", FIRST,
     f"rm /etc/nfs.conf.d/x.conf; {RESTART}", "PORT_REFUSED"),
    ("NFSD_PORT", "cp -a /etc/nfs.conf /run/nfs.conf; "
     f"nfsconf --file /etc/nfs.conf --set nfsd port 20490; {RESTART}", FIRST,
     f"cp -a /run/nfs.conf /etc/nfs.conf; {RESTART}", "PORT_REFUSED"),
)

FIREWALL = (
    ("FIREWALL_CLOSED", IPTABLES.format("-I INPUT -p tcp --dport 2049 -j DROP"), FIRST,
     IPTABLES_BACK, "PORT_FILTERED"),
    ("FIREWALL_DENIED", IPTABLES.format(f"-I INPUT -p tcp -s {FOLLOWER} -j REJECT"), FIRST,
     IPTABLES_BACK, "PORT_REJECTED"),
)

ENTRIES = (
    ("EXPORT_WIDE", LINE.format(f"echo '{SHARE} 10.0.0.0/8{PLAIN}' >>/etc/exports"), FIRST,
     LINE_BACK, None),
    ("EXPORT_WIDE", LINE.format(f"echo '{SHARE} *.example.org{PLAIN}' >>/etc/exports"), FIRST,
     LINE_BACK, None),
    ("EXPORT_ESCAPE", LINE.format("sed -i 's/,subtree_check/,no_subtree_check/' /etc/exports"),
     FIRST, LINE_BACK, None),
    ("EXPORT_ESCAPE", LINE.format("sed -i 's/,subtree_check//' /etc/exports"), FIRST, LINE_BACK,
     None),
    ("SQUASH_NONE", LINE.format(f"sed -i 's/all_squash{OWNERS}/no_root_squash/' /etc/exports"),
     FIRST, LINE_BACK, None),
    ("SQUASH_NONE", LINE.format(f"echo '{SHARE} 192.168.18.77(ro,subtree_check,no_root_squash)' "
                                ">>/etc/exports"), FIRST, LINE_BACK, None),
    ("EXPORT_ASYNC", LINE.format("sed -i 's/,sync/,async/' /etc/exports"), FIRST, LINE_BACK, None),
    ("EXPORT_ASYNC", LINE.format(f"echo '{SHARE} 192.168.18.77(rw,subtree_check,async,all_squash)' "
                                 ">>/etc/exports"), FIRST, LINE_BACK, None),
)

TREE = (
    ("DIR_DEFAULT_LOST", f"setfacl -k {DATASETS}", FIRST, "", None),
    ("DIR_DEFAULT_LOST", f"setfacl -d -m m::r-x {DATASETS}", FIRST, "", None),
    ("DATA_REPLACEABLE", f"chmod -t {SHARE}", FIRST, "", None),
    ("DATA_REPLACEABLE", f"chmod 0775 {SHARE}", FIRST, f"chmod 3775 {SHARE}", None),
    ("DATA_OPEN", f"chmod 777 {DATA}", FIRST, "", None),
    ("DATA_OPEN", f"chgrp 1000 {DATA}; chmod 750 {DATA}", FIRST, f"chgrp 0 {DATA}", None),
)

# The last pair leaves files open on the server, by a client that was told that they are gone.
PLACES = (
    ("PATH_MISSING", f"mv {SHARE} /mnt/data/moved; ln -s moved {SHARE}; exportfs -ra || :", NONE,
     f"rm {SHARE}; mv /mnt/data/moved {SHARE}; exportfs -ra; exportfs -f", None),
    ("PATH_MISSING", "mv /mnt/data /mnt/moved; ln -s moved /mnt/data; exportfs -ra || :", NONE,
     "rm /mnt/data; mv /mnt/moved /mnt/data; exportfs -ra; exportfs -f", None),
    ("ID_MISSING", "cd /run; mkdir -p l u w; mount -t overlay -o lowerdir=l,upperdir=u,workdir=w "
     f"lab {SHARE}; exportfs -ra 2>/dev/null || :", SECOND, "exportfs -ra; exportfs -f",
     "EXPORT_STALE"),
    ("ID_MISSING", f"mount --bind /proc {SHARE}; exportfs -ra 2>/dev/null || :", SECOND,
     "exportfs -ra; exportfs -f", "EXPORT_STALE"),
    ("EXPORTS_PATH_BLANK", LINE.format(f"sed -i 's|^{SHARE} |\"{SHARE} \" |' /etc/exports"), NONE,
     LINE_BACK, "EXPORT_STALE"),
    ("EXPORTS_PATH_BLANK", LINE.format(f"sed -i 's|^{SHARE} |{SHARE}\\\\040 |' /etc/exports"),
     NONE, LINE_BACK, "EXPORT_STALE"),
    ("FSID_SHARED", LINE.format(f"mkdir -p /srv/z; {NUMBERED}; sed -i '1i /srv/z "
                                f"{FOLLOWER}(ro,fsid=7,subtree_check)' /etc/exports"), FIRST,
     LINE_BACK, "EXPORT_STALE"),
    ("FSID_SHARED", LINE.format(f"mkdir -p /srv/z /etc/exports.d; {NUMBERED}; echo '/srv/z "
                                f"192.168.18.0/28(ro,subtree_check,fsid=7)' "
                                ">/etc/exports.d/x.exports"), FIRST, LINE_BACK, None),
)

# The leader has nothing to tell: it cannot know what is meant. The follower's doctor names it.
MEANT = (
    ("EXPORT_DENIED", LINE.format(f"sed -i 's/{FOLLOWER}(/10.1.2.3(/' /etc/exports"), FIRST,
     LINE_BACK),
    ("EXPORT_DENIED", LINE.format(f"{HOSTS.format(FOLLOWER)}; "
                                  f"sed -i 's/{FOLLOWER}(/follower(/' /etc/exports") +
     "; exportfs -f", FIRST, f"cp /run/hosts /etc/hosts; {LINE_BACK}"),
    ("LEADER_READONLY", LINE.format("sed -i 's/(rw/(ro/' /etc/exports"), FIRST, LINE_BACK),
    ("LEADER_READONLY", LINE.format(
        f"sed -i 's/{FOLLOWER}(/192.168.18.0\\/28(/' /etc/exports; echo '{SHARE} follower(ro,"
        f"subtree_check,all_squash{OWNERS})' >>/etc/exports"), NONE, LINE_BACK),
)


def go_through_both(rows, way, leader, follower):
    """Break, and look on the follower, too: it does not say well where it meets the cause."""
    for cause, how, which, back, seen in rows[("first", "second").index(way) :: 2]:
        leader.run(how, timeout=40)
        shown = look(follower)
        told = [found["id"] for found in shown["findings"]]
        assert seen in told if seen else not told, (how, shown)
        row = (cause, "leader", f": {shlex.quote(how)}", which, back)
        go_through([row], "first", leader, follower)


@WAYS
@pytest.mark.sampled
@pytest.mark.server("running")
def test_the_disk(leader, follower, way):
    leader.run("""
set -e
modprobe -a loop quota_v2
truncate -s 16M /srv/disk
mkfs.ext4 -q -O quota -m 20 -N 512 /srv/disk
mkdir -p /mnt/data
mount -o loop,usrquota /srv/disk /mnt/data
""", timeout=60)
    init(leader)
    mount(follower)
    go_through_both(DISK, way, leader, follower)


@WAYS
@pytest.mark.sampled
@pytest.mark.server("running")
def test_the_server(leader, follower, way):
    init(leader)
    mount(follower)
    go_through_both(SERVER, way, leader, follower)


@WAYS
@pytest.mark.server("running")
def test_the_firewall(leader, follower, way):
    init(leader)
    mount(follower)
    go_through_both(FIREWALL, way, leader, follower)


@WAYS
@pytest.mark.sampled
@pytest.mark.server("running")
def test_the_entries(leader, follower, way):
    init(leader)
    mount(follower)
    go_through_both(ENTRIES, way, leader, follower)


@WAYS
@pytest.mark.sampled
@pytest.mark.server("running")
def test_the_tree(leader, follower, way):
    init(leader)
    mount(follower)
    go_through_both(TREE, way, leader, follower)


@WAYS
@pytest.mark.sampled
@pytest.mark.server("running")
def test_the_places(leader, follower, way):
    init(leader)
    mount(follower)
    go_through_both(PLACES, way, leader, follower)


@WAYS
@pytest.mark.sampled
@pytest.mark.server("running")
def test_what_the_leader_cannot_know(leader, follower, way):
    init(leader)
    mount(follower)
    rows = [(cause, "leader", *row) for cause, *row in MEANT]
    go_through(rows, way, follower, leader)
    await_well(leader, LEADER)


@pytest.mark.server("running")
def test_an_export_beside_the_share(leader):
    """What others export is looked at, too, and is no matter of the share's while it is well."""
    init(leader)
    leader.run("mkdir -p /srv/nas; echo '/srv/nas 192.168.18.9(ro,no_subtree_check)' "
               ">>/etc/exports; exportfs -ra")
    shown = look(leader)
    places = sorted(case["place"] for case in shown["cases"] if not case["id"])
    assert places == [SHARE, "/srv/nas"] and not shown["cause"], shown
    leader.run("rmdir /srv/nas; exportfs -f")
    shown = look(leader)
    cause = next(case for case in shown["cases"] if case["id"] == shown["cause"])
    assert shown["cause"] == "PATH_MISSING" and "/srv/nas" in cause["text"], shown
    leader.run("sed -i '/nas/d' /etc/exports; exportfs -ra")
    await_well(leader, "the entry is gone")
