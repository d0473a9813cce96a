# SPDX-License-Identifier: GPL-2.0-or-later
"""Reset: bring guests back to the state they had after boot, in well under the time of a boot."""

import time
import warnings

from lab.channel import GuestGone

RESET_S = 60
# What rootfs/usr/local/lib/lab/reset.py compares with.
PRISTINE = "/var/lib/lab/pristine"
GENERATED = "/var/lib/lab/generated"
TREES = "etc home mnt srv opt media root"

KEEP = f"""
rm -rf /var/lib/lab/dpkg && mkdir -p /var/lib/lab && cp -a /var/lib/dpkg /var/lib/lab/dpkg
mkdir -p {PRISTINE}
cd / && rsync -aAXH --delete {TREES} {PRISTINE}/
rm -rf {GENERATED} && cp -a /run/systemd/generator {GENERATED}
"""


def keep(guest):
    """Remember the guest's state as the one to come back to."""
    guest.run(KEEP)


def boot_again(guest, server, gone):
    """A kernel that hangs between two scenarios, in a forced umount, is told and costs a boot."""
    warnings.warn(f"{guest.name} is booted again: {gone}", stacklevel=1)
    guest.kill()
    guest.power_on()
    guest.await_boot()
    guest.reset(server).wait(RESET_S)


def reset(guests, server="stopped"):
    """Forget the last scenario; the leader's server is then "stopped" (disabled) or "running"."""
    for guest in guests:
        guest.unsilence()
        if guest.is_up:
            guest.stop_jobs()
        else:
            guest.power_on()
            guest.await_boot()
    jobs = [(guest, guest.reset(server)) for guest in guests if guest.is_touched]
    for guest, job in jobs:
        try:
            job.wait(RESET_S)
        except GuestGone as gone:
            boot_again(guest, server, gone)
    for guest in guests:
        guest.is_touched = guest.name == "leader"  # whether its server runs is asked anew
        guest.scenario_began = time.time()
