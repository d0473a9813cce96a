# SPDX-License-Identifier: GPL-2.0-or-later
"""doctor: two faults that a follower names, of it or of the way to the leader, looked at there."""

import pytest
from lab.pairs import go_through_pairs

pytestmark = pytest.mark.first


@pytest.mark.server("running")
def test_pairs_on_the_follower(leader, follower):
    go_through_pairs("follower", leader, follower)
