# SPDX-License-Identifier: GPL-2.0-or-later
"""Reset: bring guests back to the state they had after boot, in well under the time of a boot."""

import time

RESET_S = 60
PRISTINE = "/var/lib/lab/pristine"
GENERATED = "/var/lib/lab/generated"
TREES = "etc home mnt srv opt media root"  # what scenarios write in
ENABLED = "/etc/systemd/system/multi-user.target.wants/nfs-server.service"

KEEP = f"""
mkdir -p {PRISTINE}
cd / && rsync -aAXH --delete {TREES} {PRISTINE}/
rm -rf {GENERATED} && cp -a /run/systemd/generator {GENERATED}
"""

# Lazy and forced: a scenario may have left the server silent, and nothing here may wait for it.
UNMOUNT = """
while read -r _ _ _ _ at _; do
    case $at in /mnt/* | /home/* | /srv/* | /opt/* | /media/* | /run/gshare*)
        umount -f -l "$(printf %b "$at")" ;;
    esac
done < <(tac /proc/self/mountinfo) 2>/dev/null
chattr -R -f -i -a /mnt /home /srv /opt /media
rm -rf /var/lib/gshare /run/gshare* /tmp/* /var/tmp/*
"""

# systemd's reload takes 3 s here, so it is asked for only where systemd has read something else
# than what stands there now: a unit, or the fstab of some reload. Times of directories are nothing
# to it (-O), and the link that enables the server is left to the last step.
RESTORE = f"""
cd {PRISTINE}
changed=$(rsync -aAXHO --delete --checksum --out-format=%n --exclude={ENABLED} {TREES} /)
case $changed in
    *etc/systemd/*) systemctl daemon-reload ;;
    *) diff -r --no-dereference {GENERATED} /run/systemd/generator >&2 || systemctl daemon-reload ;;
esac
[ -z "$(systemctl list-units --failed --quiet)" ] || systemctl reset-failed
"""

# Clients that the last scenario left behind would be seen by the next one's status.
NO_EXPORTS = """
while mountpoint -q /var/lib/nfs && umount -l /var/lib/nfs; do :; done
exportfs -au
: >/var/lib/nfs/etab
for client in /proc/fs/nfsd/clients/*/ctl; do
    [ -e "$client" ] && echo expire >"$client"
done
iptables-restore </usr/local/lib/lab/nfs-only.rules
"""

SERVER = {
    "stopped": f"""
rm -f {ENABLED}
! systemctl is-active --quiet nfs-server || systemctl stop nfs-server
""",
    "running": f"""
mkdir -p {ENABLED.rpartition("/")[0]}
ln -sf /lib/systemd/system/nfs-server.service {ENABLED}
systemctl is-active --quiet nfs-server || systemctl start nfs-server
pgrep -x rpc.mountd >/dev/null || systemctl restart nfs-mountd
""",
}


def keep(guest):
    """Remember the guest's state as the one to come back to."""
    guest.run(KEEP)


def reset(guests, server="stopped"):
    """Forget the last scenario; the leader's server is then "stopped" (disabled) or "running"."""
    for guest in guests:
        guest.unsilence()
        if guest.is_up:
            guest.stop_jobs()
        else:
            guest.power_on()
            guest.await_boot()
    jobs = [guest.start(script(guest, server)) for guest in guests if guest.is_touched]
    for job in jobs:
        job.wait(RESET_S)
    for guest in guests:
        guest.is_touched = guest.name == "leader"  # whether its server runs is asked anew
        guest.scenario_began = time.time()


def script(guest, server):
    """Return the shell script that resets the guest."""
    if guest.name == "leader":
        return UNMOUNT + NO_EXPORTS + RESTORE + SERVER[server]
    return UNMOUNT + RESTORE + "true\n"
