# SPDX-License-Identifier: GPL-2.0-or-later
"""The power goes at any moment of a command: after boot, the same command gives what was asked."""

import os
import random
import time

import pytest
from lab.lone import Lone
from lab.scene import FOLLOWER, FOLLOWER2

MOMENTS = 40 if os.environ.get("GSHARE_LONG") else 20
SEED = os.environ.get("GSHARE_SEED", "gshare")
RUN_S = 60
FOREIGN = (
    "# the lab's own exports\n"
    '"/srv/with space"\t10.9.0.0/24(ro,sync)   # read only\n'
    "/srv/plain  -sync,no_subtree_check  10.9.1.1(rw) 10.9.1.2 \\\n"
    "\t10.9.1.3(ro,insecure)\n"
)

# What the power may not have taken; ids are made up at random.
PICTURE = r"""
echo "exports:"; cat /etc/exports
echo "in force:"; sort /var/lib/nfs/etab
echo "accounts:"; getent passwd gshare; getent group gshare
echo "tree:"; [ ! -e /mnt/data ] || {
    find /mnt/data -printf '%p %y %m %u:%g\n' | sort
    getfacl -Rp /mnt/data | grep -v '^$'
    sed 's/^id .*/id/' /mnt/data/shared/.gshare-id 2>&1; true
}
"""
TEMPORARIES = "find /etc /mnt /var/lib -xdev -name '.gshare-*' ! -name .gshare-id"

KEEP = "mkdir -p /root/kept '/srv/with space' /srv/plain; cp -a /etc/passwd /etc/group /etc/shadow " \
       "/etc/gshadow /root/kept/"
BARE = f"""
rm -rf /mnt/data /var/lib/gshare $({TEMPORARIES})
cp -a /root/kept/* /etc/
cat >/etc/exports
exportfs -ra
"""
AS_UBUNTU = "SUDO_UID=1000 "
INIT = f"gshare leader init --follower {FOLLOWER}"

# What stands before, beside the exports of others, and the command that the power interrupts.
COMMANDS = {
    "init": (None, AS_UBUNTU + INIT),
    "init with an account": (None, INIT),
    "add": (INIT, f"gshare leader add {FOLLOWER2}"),
    "remove": (f"{INIT} --follower {FOLLOWER2}", f"gshare leader remove {FOLLOWER2}"),
    "destroy": (INIT, "gshare leader destroy --yes"),
}


@pytest.fixture(scope="module")
def lone(request):
    """A leader that boots in no time."""
    with Lone(request.config.getoption("--stage")) as guest:
        guest.run(KEEP)
        yield guest


def prepare(guest, name):
    """Bring the machine to what stands before a command, on the disk."""
    before = COMMANDS[name][0]
    guest.run(BARE + (f"{AS_UBUNTU}{before} || exit\n" if before else "") + "sync", RUN_S,
              stdin=FOREIGN)


def undisturbed(guest, name):
    """Before, after, and how long the command takes when the power stays on."""
    prepare(guest, name)
    before = guest.run(PICTURE).out
    done = guest.run(COMMANDS[name][1], RUN_S)
    return before, guest.run(PICTURE).out, done.seconds


def cut(guest, name, seconds):
    """Run the command and cut the power, after that time or once it is done; whether it was."""
    job = guest.start(COMMANDS[name][1])
    if seconds is None:
        job.wait(RUN_S)
    else:
        time.sleep(seconds)
    was_done = not job.running
    guest.kill()
    guest.power_on()
    guest.await_boot()
    return was_done


def flaws_of(guest, name, was_done, before, after):
    """What was found at boot, what is wrong with it and with the same command again, and how long
    that took where it had all to do."""
    found = guest.run(PICTURE).out
    state = {before: "old", after: "new"}.get(found, "between")
    flaws = []
    if was_done and state != "new":
        flaws.append(f"what was done is lost:\n{found}")
    if FOREIGN not in found:
        flaws.append(f"bytes of others are lost:\n{found}")
    again = guest.run(COMMANDS[name][1], RUN_S, check=False)
    if again.status != 0:
        flaws.append(f"the same command again: {again}")
    now = guest.run(PICTURE).out
    if now != after:
        flaws.append(f"not what was asked:\n{now}\n--- but\n{after}")
    left = guest.run(TEMPORARIES).out
    if left:
        flaws.append(f"left: {left}")
    twice = guest.run(COMMANDS[name][1], RUN_S, check=False)
    if "nothing to do" not in twice.out:
        flaws.append(f"twice is not once: {twice}")
    return state, flaws, again.seconds if state == "old" else RUN_S


def test_the_power_goes(lone):
    pick = random.Random(SEED)
    names = list(COMMANDS)
    if lone.run("gshare leader destroy --help", check=False).status:
        names.remove("destroy")
    undisturbed(lone, names[0])  # with cold caches it takes twice as long
    usual = {name: undisturbed(lone, name) for name in names}
    seconds = {name: usual[name][2] for name in names}
    print(f"seed {SEED}, {MOMENTS} moments; undisturbed",
          ", ".join(f"{name} {seconds[name]:.2f} s" for name in names))
    failed = []
    for i in range(MOMENTS):
        name = names[i % len(names)]
        before, after, _ = usual[name]
        fraction = pick.random()
        is_after = i // len(names) % 3 == 2  # right after the result was printed
        prepare(lone, name)
        began = time.monotonic()
        wait_s = seconds[name] * fraction
        was_done = cut(lone, name, None if is_after else wait_s)
        state, flaws, full_s = flaws_of(lone, name, was_done, before, after)
        moment = "done" if was_done else f"{fraction:.3f} of {seconds[name]:.2f} s"
        # The machine's load changes: a cut that came too late moves the next ones forward.
        seconds[name] = min(seconds[name], full_s,
                            wait_s if was_done and not is_after else RUN_S)
        print(f"{i:2} {name:20} cut at {moment:16} found {state:8} "
              f"{'; '.join(flaw.splitlines()[0] for flaw in flaws) or 'good'}"
              f"   {time.monotonic() - began:.1f} s")
        failed += [f"moment {i}, {name}, cut at {moment}: {flaw}" for flaw in flaws]
    assert not failed, "\n".join(failed)
