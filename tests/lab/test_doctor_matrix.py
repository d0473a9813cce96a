# SPDX-License-Identifier: GPL-2.0-or-later
"""doctor: many causes, each broken in two ways, named on the node where one looks, and fixed.

Rows come in pairs, as doctoring.py tells.
"""

import pytest
from lab.doctoring import SECOND, WAYS, await_well, go_through, look
from lab.faults import EXPORTS, MOUNT, SERVER, WAY, conf
from lab.scene import init, mount, run_fix


@WAYS
@pytest.mark.sampled
@pytest.mark.server("running")
def test_the_server(leader, follower, way):
    init(leader)
    mount(follower)
    go_through([(cause, "leader", *row) for cause, *row in SERVER], way, leader, follower)


@WAYS
@pytest.mark.sampled
@pytest.mark.server("running")
def test_what_is_exported(leader, follower, way):
    init(leader)
    mount(follower)
    go_through([(cause, "leader", *row) for cause, *row in EXPORTS], way, leader, follower)


@pytest.mark.server("running")
def test_a_server_that_does_not_start(leader):
    """The unit that has failed is named; a start alone would fail again."""
    init(leader)
    _, how, _, back = conf("SERVER_DOWN", "host=10.9.9.9")
    leader.run(f"systemctl stop nfs-server; {how}", check=False)
    shown = look(leader)
    told = shown["findings"][0]
    assert shown["cause"] == told["id"] == "SERVER_DOWN" and "has failed" in told["text"], shown
    again = run_fix(told["fix"], leader, which=SECOND, check=False)
    assert again.status != 0, again
    leader.run(back.partition(";")[0])
    run_fix(look(leader)["findings"][0]["fix"], leader, which=SECOND)
    await_well(leader, "host=")


@WAYS
@pytest.mark.sampled
@pytest.mark.server("running")
def test_the_way_to_the_leader(leader, follower, way):
    init(leader)
    mount(follower)
    go_through(WAY, way, follower, leader)


@WAYS
@pytest.mark.sampled
@pytest.mark.server("running")
def test_the_mount(leader, follower, way):
    init(leader)
    mount(follower)
    go_through(MOUNT, way, follower, leader)
