# SPDX-License-Identifier: GPL-2.0-or-later
"""A share whose directories the recipe's mkdir made, or that is where nothing stays; a lost name."""

import pytest
from lab.scene import FOLLOWER, SHARE, as_user, gone_after, init, mount

pytestmark = pytest.mark.server("running")

STATUS = "gshare leader status"
# On the leader, since a follower may remember for a while that it was refused.
OWNERS = as_user(1000, f"touch {SHARE}/mine && rm {SHARE}/mine")
NAMED = f"{SHARE} gpu-3(ro,sync,subtree_check,all_squash,anonuid=1000,anongid=1000)"


def test_what_followers_may_do_at_the_top(leader, follower):
    init(leader)
    leader.run(f"chown root:root {SHARE} && chmod 0755 {SHARE} {SHARE}/postgresql_data")
    told = mount(follower)
    assert "STICKY_TOP" not in told.out + told.err, told
    assert leader.run(OWNERS, check=False).status == 1
    gone_after(leader, STATUS, "DATA_OPEN")
    gone_after(leader, STATUS, "TOP_NOT_WRITABLE")
    leader.run(OWNERS)
    leader.run(f"chown 1001:1001 {SHARE} && chmod 0755 {SHARE}")
    gone_after(leader, STATUS, "TOP_NOT_WRITABLE")
    leader.run(OWNERS)
    leader.run(f"setfacl -b {SHARE}; chown root:1000 {SHARE}; chmod 3775 {SHARE}")
    follower.run("gshare follower unmount --forget")
    told = mount(follower)
    assert "STICKY_TOP" in told.out + told.err, told

    # A name that is gone from DNS: the command that status prints removes its entry.
    leader.run(f"echo '{NAMED}' >>/etc/exports")
    gone_after(leader, STATUS, "NOT_ACTIVE", which=1)
    assert "gpu-3" not in leader.get("/etc/exports")

    said = leader.run(f"gshare leader init /tmp/data --follower {FOLLOWER} --dry-run")
    assert "PATH_TEMPORARY" in said.out, said
