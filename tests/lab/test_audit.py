# SPDX-License-Identifier: GPL-2.0-or-later
"""doctor --audit: what is open beyond need is named, its fix run, and it is gone.

Each row opens one thing more in an export that is made by hand, and otherwise closed. The rows
follow each other on one pair of nodes.
"""

import pytest
from lab import fixes
from lab.lab import LEADER
from lab.scene import FOLLOWER, SHARE, finding, init, mount, result, run_fix

AUDIT = "gshare doctor --audit --timeout 20"
HAND = "/srv/hand"
PLAIN = "/srv/plain"  # another, that no fix has made a share of gshare
CLOSED = "rw,sync,subtree_check,all_squash"

# What is named, the client with its options, and what else is done before.
ON_LEADER = (
    ("EXPORT_WIDE", f"192.168.0.0/16({CLOSED})", ""),
    ("SQUASH_NONE", f"{FOLLOWER}(rw,sync,subtree_check,no_root_squash)", ""),
    ("EXPORT_ESCAPE", f"{FOLLOWER}(rw,sync,no_subtree_check,all_squash)", ""),
    ("EXPORT_INSECURE", f"{FOLLOWER}({CLOSED},insecure)", ""),
    ("EXPORT_SEC_SYS", f"{FOLLOWER}({CLOSED})",
     "mkdir -p /srv/krb; echo '/srv/krb 192.168.18.99(ro,subtree_check,sec=krb5p)' >>/etc/exports; "
     "exportfs -ra"),
    ("EXPORT_SEC_SYS", f"{FOLLOWER}({CLOSED},sec=sys:krb5)", ""),
    ("DIR_WORLD_WRITABLE", f"{FOLLOWER}({CLOSED})", f"chmod 777 {HAND}"),
    ("DIR_OWNED", f"{FOLLOWER}({CLOSED},anonuid=1000,anongid=1000)", f"chown 1000 {HAND}"),
    ("SHARE_SETUID", f"{FOLLOWER}({CLOSED})",
     f"mkdir -p {HAND}/sub; cp /bin/true {HAND}/sub/su; chmod 4755 {HAND}/sub/su"),
    ("SHARE_SETUID", f"{FOLLOWER}({CLOSED})", f"chmod 2755 {HAND}/sub/su"),
    ("SHARE_DEVICE", f"{FOLLOWER}({CLOSED})",
     f"mknod {HAND}/sub/disk b 7 0; mknod '{HAND}/a b' c 1 3"),
    ("SHARE_SECRET", f"{FOLLOWER}({CLOSED})", f"echo x >'{HAND}/a b.key'; echo x >{HAND}/id_rsa"),
    ("SHARE_SECRET", f"{FOLLOWER}({CLOSED})",
     f"echo x >{HAND}/sub/cluster.env; chmod 0600 {HAND}/sub/cluster.env; "
     f"setfacl -m u:65534:r {HAND}/sub/cluster.env"),
    ("SHARE_SECRET", f"{FOLLOWER}(rw,sync,subtree_check,root_squash)",
     f"echo x >{HAND}/sub/.pgpass; chmod 0600 {HAND}/sub/.pgpass; chown 1000 {HAND}/sub/.pgpass"),
    ("SHARE_SECRET", f"{FOLLOWER}({CLOSED})",
     f"mkdir -p {HAND}/pg; echo 15 >{HAND}/pg/PG_VERSION; chown -R 999 {HAND}/pg"),
)

# What followers cannot reach, or what is no program; each alone must be named by nothing.
QUIET = (
    f"chmod 2775 {PLAIN}/sub",
    f"mkdir -m 0700 {PLAIN}/closed; echo x >{PLAIN}/closed/tls.key; "
    f"cp /bin/true {PLAIN}/closed/su; chmod 4755 {PLAIN}/closed/su",
    f"mkdir -p {PLAIN}/1/2/3/4; echo x >{PLAIN}/1/2/3/4/deep.key",
    f"ln -s /etc/shadow {PLAIN}/shadow",
    f"echo x >{PLAIN}/keys.txt; chmod 2644 {PLAIN}/keys.txt",
)


def ids(guest, command=AUDIT):
    """Return the ids of the findings, all of them warnings."""
    shown = result(guest, command, timeout=40)
    assert shown["cause"] is None, shown
    return {case["id"] for case in shown["cases"]} - {None}


def export(leader, client, path=HAND):
    """Export the directory by hand, to that client alone, with something to write in."""
    leader.run(f"mkdir -p {path}/out; chown 65534 {path}/out; sed -i '\\#^{path} #d' /etc/exports; "
               f"echo '{path} {client}' >>/etc/exports; exportfs -ra")


def mended(guest, ident, how, *others):
    """Run every command of the fix of a finding: then it is gone."""
    told = finding(guest, AUDIT, ident)
    assert told, (ident, how, ids(guest))
    assert told["fix"] and [part for part in fixes.parts(told["fix"]) if part[2]], told
    run_fix(told["fix"], guest, *others)
    assert not finding(guest, AUDIT, ident), (told, how)


@pytest.mark.server("running")
def test_what_a_leader_gives_away(leader, follower):
    leader.run("cp /etc/exports /root/exports.was")
    export(leader, f"{FOLLOWER}({CLOSED})")
    left = ids(leader)
    assert left == {"MOUNTD_CVE", "NFSD_V3"}, left
    assert not ids(leader, "gshare doctor --timeout 20")
    for ident, client, how in ON_LEADER:
        export(leader, client)
        leader.run(how or ":")
        mended(leader, ident, (client, how))
    # Some of the fixes made it a share of gshare's: one that is gone, not one that was forgotten.
    leader.run(f"mkdir -p {PLAIN}/sub; cp /root/exports.was /etc/exports; rm -rf {HAND}")
    export(leader, f"{FOLLOWER}({CLOSED})", PLAIN)
    for how in QUIET:
        leader.run(how)
        assert ids(leader) == left, how
    assert ids(leader, f"gshare doctor {PLAIN} --audit --timeout 20") == left
    leader.run(f"mkdir {PLAIN}/many; cd {PLAIN}/many; seq 20001 | xargs touch", timeout=60)
    run_fix(finding(leader, AUDIT, "SHARE_UNSEEN")["fix"], leader)


@pytest.mark.server("running")
def test_a_share_as_gshare_makes_it(leader, follower):
    """It is quiet but for what nfsd of this distribution offers beside NFS 4."""
    init(leader)
    mount(follower)
    leader.run(f"install -d -o 999 -g 999 -m 0700 {SHARE}/postgresql_data; "
               f"echo 15 >{SHARE}/postgresql_data/PG_VERSION")
    assert ids(follower) == set()
    assert ids(leader) == {"MOUNTD_CVE", "NFSD_V3"}
    export(leader, f"{FOLLOWER}(rw,sync,subtree_check,no_root_squash,insecure)")
    assert "SQUASH_NONE" not in ids(leader, "gshare doctor --timeout 20")
    assert ids(leader) == {"MOUNTD_CVE", "NFSD_V3", "SQUASH_NONE", "EXPORT_INSECURE"}
    leader.run(f"sed -i '\\#^{HAND} #d' /etc/exports; exportfs -ra")
    mended(leader, "NFSD_V3", "as it comes")
    assert ids(leader) == {"RPCBIND_OPEN"}
    mended(leader, "RPCBIND_OPEN", "as it comes")
    assert ids(leader) == set()
    leader.run("systemctl restart nfs-server")
    assert ids(leader) == set()
    follower.run(f"touch {SHARE}/datasets/x 2>/dev/null; gshare verify {SHARE} --timeout 60",
                 timeout=90)
    leader.run("systemctl unmask rpcbind.socket rpcbind.service; "
               "nfsconf --unset nfsd vers3; systemctl start rpcbind.socket; "
               "systemctl restart nfs-server")


@pytest.mark.invited
@pytest.mark.server("running")
def test_what_a_mount_takes(leader, follower):
    export(leader, f"{FOLLOWER}({CLOSED})")
    line = f"{LEADER}:{HAND} /mnt/by.hand nfs ro,noatime 0 0"
    follower.run(f"mkdir -p /mnt/by.hand; echo '{line}' >>/etc/fstab; mount /mnt/by.hand")
    mended(follower, "MOUNT_SUID", line)
    options = follower.run("findmnt -no OPTIONS /mnt/by.hand").out
    assert {"ro", "noatime", "nosuid", "nodev"} <= set(options.strip().split(",")), options
    follower.run("umount /mnt/by.hand; mount /mnt/by.hand")
    assert ids(follower) == set()
    follower.run(f"umount /mnt/by.hand; sed -i '/by.hand/d' /etc/fstab; "
                 f"mount -t nfs -o nosuid {LEADER}:{HAND} /mnt/by.hand")
    mended(follower, "MOUNT_SUID", "nodev alone")
    follower.run("umount /mnt/by.hand")
    done = follower.run(f"gshare doctor {LEADER} --audit", check=False)
    assert done.status == 2 and "run it on" in done.err, done
