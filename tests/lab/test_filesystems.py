# SPDX-License-Identifier: GPL-2.0-or-later
"""What lies under a share: each file system is exported so that a follower finds it again."""

import pytest
from lab.lab import LEADER
from lab.scene import FOLLOWER, init, mount

DISKS = "/var/lib/lab-disks"
LAYERS = f"-o lowerdir={DISKS}/lower,upperdir={DISKS}/upper,workdir={DISKS}/work"

# Each ends with a file system of its kind mounted at /mnt/KIND; loop images are sparse.
MAKE = {
    "ext4": "truncate -s 64M ext4; mkfs.ext4 -q ext4; mount -o loop ext4 /mnt/ext4",
    "xfs": "truncate -s 320M xfs; mkfs.xfs -q xfs; mount -o loop xfs /mnt/xfs",
    "btrfs": "truncate -s 160M btrfs; mkfs.btrfs -q btrfs; mount -o loop btrfs /mnt/btrfs; "
             "btrfs subvolume create /mnt/btrfs/other; btrfs subvolume create /mnt/btrfs/sub; "
             "umount /mnt/btrfs; mount -o loop,subvol=sub btrfs /mnt/btrfs",
    "tmpfs": "mount -t tmpfs -o size=32M lab /mnt/tmpfs",
    "overlay": "mkdir lower upper work; "
               f"mount -t overlay {LAYERS},index=on,nfs_export=on lab /mnt/overlay",
}
NEED_FSID = {"tmpfs", "overlay"}  # no UUID by which the server could tell them


def paths():
    """The shares, each in a directory of its file system and not at its top."""
    return {kind: f"/mnt/{kind}/shared" for kind in MAKE}


def use(follower, round_name):
    """Write through each share and read back what the round before wrote."""
    for kind, path in paths().items():
        follower.run(f"echo {kind} >{path}/files/{round_name}", timeout=120)
        assert follower.get(f"{path}/files/first") == f"{kind}\n", (kind, round_name)


@pytest.mark.server("running")
@pytest.mark.shares(*paths().values())
def test_every_file_system_is_found_again(leader, follower):
    leader.run(f"modprobe loop; mkdir {DISKS}")
    for kind, path in paths().items():
        leader.run(f"mkdir /mnt/{kind}; cd {DISKS} && {{ {MAKE[kind]}; }}", timeout=120)
        init(leader, f"{path} --follower {FOLLOWER}")
        assert ("fsid=" in leader.run(f"grep ^{path} /etc/exports").out) == (kind in NEED_FSID)
        mount(follower, f"{LEADER} --export {path}")
    use(follower, "first")

    leader.run("exportfs -ra")
    use(follower, "after-exportfs")

    leader.run("systemctl restart nfs-server", timeout=120)
    use(follower, "after-a-restart")

    for path in paths().values():
        follower.run(f"umount {path}")
        mount(follower, f"{LEADER} --export {path}")
    use(follower, "mounted-again")
