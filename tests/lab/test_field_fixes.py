# SPDX-License-Identifier: GPL-2.0-or-later
"""Fixes that are printed beside the point of other scenes, run as printed on the node they name."""

import pytest
from lab.lab import LEADER
from lab.scene import FOLLOWER, FOLLOWER2, finding, gone_after, init, mount, result, run_fix

STATUS = "gshare leader status"
LOOK = f"gshare follower mount -n {LEADER}"


@pytest.mark.server("running")
def test_lines_of_exports_are_mended_by_what_is_printed(leader):
    """Each as the first line of the file, and then in the share's own block."""
    init(leader)
    right = leader.get("/etc/exports")
    dry = f"gshare leader add {FOLLOWER2} --dry-run"
    leader.run("mkdir -p /srv/a; sed -i 's/^hosts:.*/hosts: files/' /etc/nsswitch.conf")
    for line, ident, which in (
        ("/srv/a 10.0.0.1(rw,subtree_chek)", "EXPORTS_OPTION_UNKNOWN", 0),
        ("/srv/a 10.0.0.1(rw,no_subtree_chek)", "EXPORTS_OPTION_UNKNOWN", 0),
        ("/srv/a 10.0.0.1(rw,no_subtree_chek)", "EXPORTS_OPTION_UNKNOWN", 1),
        ("/srv/a 10.0.0.1(rw,,sync)", "EXPORTS_OPTION_UNKNOWN", 0),
        ("/srv/a 10.0.0.1(rw,anonuid=x)", "EXPORTS_OPTION_BAD", 0),
        ("/srv/a 10.0.0.1(rw,anonuid=4294967296)", "EXPORTS_NUMBER_WRAPS", 0),
        ("/srv/a [fd00::1](rw)", "EXPORTS_HOST_ODD", 0),
        ("/srv/a (ro,no_subtree_check)", "EXPORTS_WORLD", 0),
        ("/srv/a nobody-knows(ro)", "EXPORTS_NAME_UNKNOWN", 1),
    ):
        leader.put("/etc/exports", f"{line}\n{right}")
        gone_after(leader, dry, ident, which=which)
        assert leader.get("/etc/exports").endswith(right)
    leader.put("/etc/exports", f"/srv/a nobody-knows(ro)\n{right}")
    told = finding(leader, dry, "EXPORTS_NAME_UNKNOWN")
    assert run_fix(told["fix"], leader, check=False).status == 2  # getent: no such name
    leader.put("/etc/exports", right.replace(f" {FOLLOWER}(", " nobody-knows("))
    leader.run("exportfs -ra", check=False)
    told = finding(leader, STATUS, "NOT_ACTIVE")
    assert run_fix(told["fix"], leader, check=False).status == 2


@pytest.mark.server("running")
def test_what_a_follower_prints_for_its_leader(leader, follower):
    """Not exported: add; stopped: start, init and status, each on the leader."""
    leader.run("systemctl stop nfs-server")
    told = finding(follower, LOOK, "PORT_REFUSED")
    run_fix(told["fix"], follower, leader)
    run_fix(told["fix"], follower, leader, which=1, timeout=90)
    run_fix(told["fix"], follower, leader, which=2, check=False)
    assert not finding(follower, LOOK, "PORT_REFUSED")
    leader.run(f"gshare leader add {FOLLOWER2}; gshare leader remove {FOLLOWER}")
    gone_after(follower, LOOK, "NOT_EXPORTED", leader)
    mount(follower)
    assert result(follower, "gshare follower status")["ok"]
