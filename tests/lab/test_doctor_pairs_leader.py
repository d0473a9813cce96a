# SPDX-License-Identifier: GPL-2.0-or-later
"""doctor: two faults of the leader at once, looked at there."""

import pytest
from lab.pairs import go_through_pairs

pytestmark = pytest.mark.first


@pytest.mark.server("running")
def test_pairs_on_the_leader(leader, follower):
    go_through_pairs("leader", leader, follower)
