# SPDX-License-Identifier: GPL-2.0-or-later
"""Install: bring a staged tree (make install DESTDIR=...) into running guests."""

import shutil
import subprocess

from lab.reset import keep


def install(stage, guests):
    """Copy the tree over each guest's root, through a directory that guest and host share."""
    for guest in guests:
        place = guest.directory / "stage"
        shutil.rmtree(place, ignore_errors=True)
        subprocess.run(["cp", "-a", stage, place], check=True, timeout=60)
    # tar, since cp -a would not follow the links that Debian's /sbin and /lib are.
    jobs = [
        guest.start("""
            set -e
            mount -t hostfs -o /stage none /stage
            tar -C /stage --owner=root --group=root -cf - . |
                tar -C / --keep-directory-symlink --no-overwrite-dir -xpf -
            umount /stage
        """)
        for guest in guests
    ]
    for job in jobs:
        job.wait(60)
    for guest in guests:
        keep(guest)
