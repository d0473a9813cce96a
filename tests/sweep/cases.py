# SPDX-License-Identifier: GPL-2.0-or-later
"""What is swept: the commands, and which calls fail how. A new verb is a row of CASES."""

from machine import FORGET, NEW, RO, RW, SHARE

# COMMAND:STATE to the words: a is a fresh machine, b has exports of others, and a share that was
# exported by hand, c a share that gshare made, with two followers, d the same with one added, e
# the same with files of root's that the owner may not change; f is a follower that has a share in
# fstab, with its units, and not mounted, g the same forgotten; u, w, n, i are c with ufw,
# firewalld, nft, iptables in charge; v, x, o, j the same with a follower added, and so a rule.
CASES = {
    "init:a": ("leader", "init", "--follower", NEW),
    "init:b": ("leader", "init", "--follower", NEW),
    "init:c": ("leader", "init", "--follower", NEW),
    "add:b": ("leader", "add", NEW, "--path", SHARE),
    "add:c": ("leader", "add", NEW),
    "remove:b": ("leader", "remove", RW, "--path", SHARE),
    "remove:c": ("leader", "remove", RW),
    "ro:b": ("leader", "ro", RW, "--path", SHARE),
    "ro:c": ("leader", "ro", RW),
    "rw:b": ("leader", "rw", RO, "--path", SHARE),
    "rw:c": ("leader", "rw", RO),
    "reown:c": ("leader", "init", "--follower", RW, "--owner", "other"),
    "destroy:c": ("leader", "destroy", "--yes"),
    "repair:e": ("leader", "repair"),
    "undo:c": ("undo", "1", "--yes"),
    "undo:d": ("undo", "2", "--yes"),
    "add:u": ("leader", "add", NEW),
    "remove:v": ("leader", "remove", NEW),
    "undo:v": ("undo", "2", "--yes"),
    "add:w": ("leader", "add", NEW),
    "remove:x": ("leader", "remove", NEW),
    "add:n": ("leader", "add", NEW, "--firewall", "nft"),
    "remove:o": ("leader", "remove", NEW),
    "add:i": ("leader", "add", NEW, "--firewall", "iptables"),
    "remove:j": ("leader", "remove", NEW),
    "forget:f": FORGET,
    "undo:g": ("undo", "1", "--yes"),
}

DISK = ("EIO", "ENOSPC", "EROFS", "EACCES")
LOOK = ("EIO", "EACCES")
OPEN = (*DISK, "EINTR", "EMFILE")

# Which errors a call can give; any other call gives EIO.
FAULTS = {
    "bind": ("EACCES",),
    "capget": ("EPERM",),
    "capset": ("EPERM",),
    "clone": ("EAGAIN", "ENOMEM", "EMFILE"),
    "clone3": ("EAGAIN", "ENOMEM"),
    "connect": ("EACCES", "EINTR"),
    "dup2": ("EINTR", "EMFILE"),
    "execve": ("EIO", "EACCES"),
    "fchmod": DISK,
    "fchown": DISK,
    "fcntl": ("EMFILE", "EIO"),
    "flock": ("EINTR", "EIO"),
    "fork": ("EAGAIN", "ENOMEM"),
    "fsetxattr": DISK,
    "fstat": LOOK,
    "fsync": ("EIO", "ENOSPC", "EROFS", "EINTR"),
    "ftruncate": ("EIO", "ENOSPC", "EINTR"),
    "getrandom": ("EAGAIN", "EINTR"),
    "getxattr": LOOK,
    "kill": ("EPERM",),
    "lstat": LOOK,
    "mkdir": DISK,
    "mkdirat": DISK,
    "mount": ("EACCES", "ENOSPC", "EIO"),
    "newfstatat": LOOK,
    "open": OPEN,
    "openat": OPEN,
    "openat2": OPEN,
    "pipe2": ("EMFILE",),
    "poll": ("EINTR", "ENOMEM"),
    "prctl": ("EPERM",),
    "read": ("EIO", "EINTR"),
    "recvfrom": ("EIO", "EINTR"),
    "renameat": DISK,
    "renameat2": (*DISK, "EINVAL"),
    "sendto": ("EIO", "EINTR"),
    "setgroups": ("EPERM",),
    "setresgid": ("EPERM", "EAGAIN"),
    "setresuid": ("EPERM", "EAGAIN"),
    "setxattr": DISK,
    "socket": ("EACCES", "EMFILE"),
    "stat": LOOK,
    "statx": LOOK,
    "symlink": DISK,
    "unlink": DISK,
    "unlinkat": DISK,
    "unshare": ("EPERM", "ENOSPC"),
    "wait4": ("EINTR",),
    "write": ("EIO", "ENOSPC", "EINTR"),
}

# What can go on failing: a bad or full disk, a table that stays full. EINTR never does.
STAYS = {
    "clone": ("EAGAIN",),
    "fchmod": ("EIO",),
    "fchown": ("EIO",),
    "fsync": ("EIO",),
    "getdents64": ("EIO",),
    "mkdirat": ("ENOSPC",),
    "mount": ("ENOSPC",),
    "openat": ("EIO", "EMFILE", "ENOSPC"),
    "openat2": ("EIO", "EMFILE"),
    "pipe2": ("EMFILE",),
    "poll": ("ENOMEM",),
    "read": ("EIO",),
    "renameat2": ("EIO", "EINVAL"),
    "setxattr": ("ENOSPC",),
    "unlinkat": ("EROFS",),
    "write": ("EIO", "ENOSPC"),
}


def applies(case, wanted):
    """Is the case among 'COMMAND,COMMAND:STATE'?"""
    return not wanted or any(case == want or case.split(":")[0] == want
                             for want in wanted.split(","))
