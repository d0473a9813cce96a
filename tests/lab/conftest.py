# SPDX-License-Identifier: GPL-2.0-or-later
"""Fixtures: one lab for the whole run, brought back to its first state for each scenario."""

import os
import random
import signal
import threading

import pytest
from lab.fixes import RECORD
from lab.install import install
from lab.intruder import PAUSE_S, SHARE, SIEGE_S, Intruder
from lab.lab import Lab
from lab.reset import reset

NFSD = "/proc/fs/nfsd/threads"
SAMPLE = os.environ.get("GSHARE_SAMPLE", "")


def pytest_addoption(parser):
    parser.addoption("--stage", help="tree made by make install DESTDIR=..., put into the guests")
    parser.addoption("--fixes", help="directory that is told which printed fixes were run")


def pytest_configure(config):
    config.addinivalue_line("markers", "server(state): the NFS server is 'stopped' or 'running'")
    config.addinivalue_line("markers", "shares(paths): what the intruder tries, if not the default")
    config.addinivalue_line("markers", "siege: the intruder tries ten times as often")
    config.addinivalue_line("markers", "long: takes minutes; runs where GSHARE_LONG is set")
    config.addinivalue_line("markers", "sampled: half of its rows, by GSHARE_SAMPLE where that is set")
    config.addinivalue_line("markers", "first: a file that takes minutes; two lanes end together")
    config.addinivalue_line("markers", "invited: the intruder is let in; nothing is asserted")
    # Fixtures take the lab down on an interrupt; a termination is to do the same. A worker of xdist
    # may be no main thread: its guests end with it, and leave what the next lab removes.
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, signal.getsignal(signal.SIGINT))


def pytest_report_header():
    """Say which sample it is, if it is one."""
    return f"sampled rows: GSHARE_SAMPLE={SAMPLE}" if SAMPLE else []


def left_of(items):
    """Return rows of the scenarios that are sampled, half of each: they are left out."""
    rows = {}
    if not SAMPLE:
        return []
    for item in items:
        if item.get_closest_marker("sampled"):
            rows.setdefault(item.nodeid.partition("[")[0], []).append(item)
    left = []
    for name, row in rows.items():
        pick = random.Random(SAMPLE + name)
        left += pick.sample(row, len(row) // 2)
    return left


def pytest_collection_modifyitems(config, items):
    """Leave the long scenarios to the runs that ask for them: tests/all --all. Order the rest."""
    left = left_of(items) + [item for item in items if item.get_closest_marker("long")]
    if left and not os.environ.get("GSHARE_LONG"):
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if item not in left]
    items.sort(key=lambda item: item.get_closest_marker("first") is None)


def pytest_runtest_setup(item):
    """Name the scene that prints and runs fixes from now on."""
    RECORD.begin(item.nodeid.partition("::")[2])


def pytest_sessionfinish(session):
    """Tell which fixes were printed and run; every worker of xdist has a part of them."""
    directory = session.config.getoption("--fixes")
    if directory and RECORD.commands:
        RECORD.save(directory)


@pytest.fixture(scope="session")
def lab(request):
    """All guests, booted side by side, with gshare installed when --stage names it."""
    with Lab() as machines:
        stage = request.config.getoption("--stage")
        if stage:
            install(stage, machines.guests.values())
        yield machines


@pytest.fixture
def intruder(request, lab):
    """A fresh scenario, with somebody at the door all the time; nobody may have come in."""
    server = request.node.get_closest_marker("server")
    shares = request.node.get_closest_marker("shares")
    reset(lab.guests.values(), *(server.args if server else ()))
    pause = SIEGE_S if request.node.get_closest_marker("siege") else PAUSE_S
    paths = shares.args if shares else (SHARE,)
    stranger = Intruder(lab["intruder"], lab["leader"], paths, pause)
    yield stranger
    if request.node.get_closest_marker("invited"):
        stranger.stop()
        return
    serving = lab["leader"].is_up and is_serving(lab["leader"])
    last = stranger.await_round() if serving else []
    attempts = stranger.stop()
    assert not [attempt for attempt in attempts if attempt["verdict"] == "in"], attempts
    assert not serving or [a for a in last if a["verdict"] in ("out", "down")], attempts


def is_serving(leader):
    """Whether the leader's NFS server runs."""
    return leader.run(f"cat {NFSD}", check=False).out.strip() not in ("", "0")


@pytest.fixture
def leader(lab, intruder):
    """The leader, 192.168.18.13, behind a firewall that lets in 2049/tcp only."""
    return lab["leader"]


@pytest.fixture
def follower(lab, intruder):
    """The follower, 192.168.18.8."""
    return lab["follower"]


@pytest.fixture
def follower2(lab, intruder):
    """The second follower, 192.168.18.9."""
    return lab["follower2"]


@pytest.fixture
def pair(leader, follower):
    """Leader and follower."""
    return leader, follower


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item):
    """Add what the guests have to say to the report of a failure."""
    report = (yield).get_result()
    machines = getattr(item, "funcargs", {}).get("lab")
    if not report.failed or machines is None:
        return
    for guest in machines.guests.values():
        for title, text in guest.logs().items():
            report.sections.append((f"{guest.name}: {title}", text))
