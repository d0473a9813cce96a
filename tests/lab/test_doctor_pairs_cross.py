# SPDX-License-Identifier: GPL-2.0-or-later
"""doctor: a fault of the leader and one of the follower at once, looked at on the follower."""

import pytest
from lab.pairs import go_through_pairs

pytestmark = pytest.mark.first


@pytest.mark.server("running")
def test_pairs_of_both_nodes(leader, follower):
    go_through_pairs("cross", leader, follower)
