"""Roles that a stranger has taken over: a program of this module stands in the
place of sheaf-parse or sheaf-fetch and speaks its part of the messages
(wire/messages.h, which stands beside it), wrongly.

    liar.parse("overlap")        liar.fetch("shrinks")

The parser lies about the pages with records of sources named bad…, by changing
what the real sheaf-parse writes; the fetcher lies about URLs that hold /bad. The
others are served as they should be, so that the tests see who is harmed."""

import array
import os
import re
import socket
import struct
import subprocess
import sys
import time
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
FIXED = {"U32": "<I", "U64": "<Q", "I64": "<q", "BOOL": "<B", "DOUBLE": "<d"}
HEAD = 5 + 17  # of a record's frame: length, type, flags, offset, length
MAGIC = 9


def table():
    beside = os.path.join(HERE, "messages.h")
    in_source = os.path.join(HERE, "..", "..", "src", "wire", "messages.h")
    with open(beside if os.path.exists(beside) else in_source) as f:
        text = re.sub(r"/\*.*?\*/", "", f.read(), flags=re.S).replace("\\\n", " ")
    fields = {n: re.findall(r"F\((\w+), (\w+)\)", rest) for n, rest in
              re.findall(r"#define FIELDS_(\w+)\(F\)([^\n]*)", text)}
    names = re.findall(r"\bM\((\w+),\s+(\w+),", text)
    return {i: (n, fields[s]) for i, (n, s) in enumerate(names, 1)}


TABLE = table()
NUMBER = {n: (i, f) for i, (n, f) in TABLE.items()}


class Channel:
    """Descriptor 3, as sheafd gave it."""

    def __init__(self):
        self.socket = socket.socket(fileno=3)

    def receive(self):
        """(name, fields, descriptors); ends the program with the channel."""
        data, ancillary, _, _ = self.socket.recvmsg(1 << 18, 1024)
        if not data:
            sys.exit(0)
        fds = array.array("i")
        for _, _, raw in ancillary:
            fds.frombytes(raw)
        name, fields = TABLE[struct.unpack_from("<H", data)[0]]
        at, out = 2, {}
        for kind, field in fields:
            if kind in FIXED:
                out[field] = struct.unpack_from(FIXED[kind], data, at)[0]
                at += struct.calcsize(FIXED[kind])
            else:
                n = struct.unpack_from("<I", data, at)[0]
                out[field] = data[at + 4:at + 4 + n]
                at += 5 + n
        return name, out, list(fds)

    def send(self, message, fds=(), /, **values):
        number, fields = NUMBER[message]
        out = struct.pack("<H", number)
        for kind, field in fields:
            v = values.get(field, 0 if kind in FIXED else b"")
            out += struct.pack(FIXED[kind], v) if kind in FIXED else struct.pack("<I", len(v)) + v + b"\0"
        self.raw(out, fds)

    def raw(self, data, fds=()):
        self.socket.sendmsg([data], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))] if fds else [])


# --- sheaf-parse ---

def read_page(body):
    """What the real one makes of it."""
    os.lseek(body, 0, os.SEEK_SET)
    return subprocess.run([os.path.join(HERE, "real", "sheaf-parse"), "--format", "oai_dc"],
                          stdin=body, stdout=subprocess.PIPE, check=False).stdout


def frames(stream):
    at, out = MAGIC, []
    while at < len(stream):
        n = 4 + struct.unpack_from("<I", stream, at)[0]
        out.append(stream[at:at + n])
        at += n
    return out


def places(stream, change):
    """The stream with each record's (offset, length) changed."""
    out = [stream[:MAGIC]]
    for f in frames(stream):
        if f[4] == 1:
            f = f[:6] + struct.pack("<QQ", *change(*struct.unpack_from("<QQ", f, 6))) + f[HEAD:]
        out.append(f)
    return b"".join(out)


def with_flags(stream, flags):
    """All records claim to be known, and have no content."""
    out = [stream[:MAGIC]]
    for f in frames(stream):
        if f[4] == 1:
            at = HEAD + 32
            for k in range(6):  # five texts, each with a NUL, and the element
                n = shift = 0
                while True:
                    b = f[at]
                    at += 1
                    n |= (b & 127) << shift
                    shift += 7
                    if b < 128:
                        break
                at += n + (k < 5)
            f = struct.pack("<IBB", at - 4, 1, flags) + f[6:at]
        out.append(f)
    return b"".join(out)


def other_identifiers(stream):
    """Digests that are none, and bytes of a text that are no UTF-8."""
    return stream.replace(b"oai:", b"oa\xff:")


STREAMS = {
    "nothing": lambda s: b"",
    "garbage": lambda s: os.urandom(100000),
    "garbage after the magic": lambda s: s[:MAGIC] + os.urandom(100000),
    "no trailer": lambda s: s[:MAGIC] + b"".join(frames(s)[:-1]),
    "two trailers": lambda s: s + frames(s)[-1],
    "wrong counts": lambda s: s[:MAGIC] + b"".join(frames(s)[1:]),
    "outside": lambda s: places(s, lambda o, n: (1 << 40, n)),
    "too long": lambda s: places(s, lambda o, n: (o, (1 << 64) - 1)),
    "overlap": lambda s: places(s, lambda o, n: (0, 2000)),
    "no UTF-8": other_identifiers,
    "cut": lambda s: s[:len(s) // 2],
    "a frame of 4 GB": lambda s: s[:MAGIC] + struct.pack("<IB", 0xffffffff, 1) + b"x" * 100000,
    "known": lambda s: with_flags(s, 4),
}


def write_all(fd, data):
    at = memoryview(data)
    while at:
        try:
            at = at[os.write(fd, at):]
        except BrokenPipeError:
            return False
    return True


def endless(fd, stream):
    """Records without end, each of them valid."""
    record = frames(stream)[0]
    write_all(fd, stream[:MAGIC])
    while write_all(fd, record * 1000):
        pass


def parse(lie):
    c = Channel()
    while True:
        name, m, fds = c.receive()
        if name == "PARSE_PAGE":
            stream = read_page(fds[0])
            if not m["source"].startswith(b"bad") or frames(stream)[0][4] != 1:
                write_all(fds[1], stream)
            elif lie in STREAMS:
                write_all(fds[1], STREAMS[lie](stream))
            elif lie == "endless":
                endless(fds[1], stream)
            elif lie == "other pages":
                write_all(fds[1], stream)
                for k in range(1, 2000):
                    c.send("PARSE_EXIT", page=m["page"] + k)
                    c.send("PARSE_EXIT", page=m["page"] - k)
            elif lie == "exit first":
                c.send("PARSE_EXIT", page=m["page"])
                c.send("PARSE_EXIT", page=m["page"])
                time.sleep(0.2)
                write_all(fds[1], stream)
            elif lie == "a message of garbage":
                c.raw(os.urandom(3000))
            for fd in fds:
                os.close(fd)
            c.send("PARSE_EXIT", page=m["page"])


# --- sheaf-fetch ---

def memfd(data, seal=True):
    fd = os.memfd_create("body", os.MFD_ALLOW_SEALING)
    os.write(fd, data)
    if seal:
        import fcntl
        fcntl.fcntl(fd, 1033, 15)  # F_ADD_SEALS: all of them
    return fd


def answer(c, job, data, fd=None, **more):
    own = fd is None
    fd = memfd(data) if own else fd
    done = dict(job=job, status=200, body_bytes=len(data), wire_bytes=len(data), body_hash=os.urandom(16),
                content_type=b"text/xml")
    c.send("FETCH_DONE", [fd], **{**done, **more})
    os.close(fd)


def lie_fetch(c, lie, job, data):
    if lie == "other jobs":
        for k in range(1, 500):
            answer(c, job + (k << 32), data)
        answer(c, job, data)
    elif lie == "twice":
        answer(c, job, data)
        answer(c, job, data)
    elif lie == "shrinks":
        fd = memfd(data, seal=False)
        keep = os.dup(fd)
        answer(c, job, data, fd)
        os.truncate(keep, 0)
        os.close(keep)
    elif lie == "grows for ever":
        answer(c, job, data, body_bytes=1)
    elif lie == "huge":
        answer(c, job, data, body_bytes=(1 << 63) + 5, wire_bytes=(1 << 64) - 1)
    elif lie == "no body":
        c.send("FETCH_DONE", job=job, status=200, body_bytes=len(data))
    elif lie == "a pipe":
        r, w = os.pipe()
        answer(c, job, data, r)
        os.close(w)
    elif lie == "a directory":
        answer(c, job, data, os.open("/", os.O_RDONLY))
    elif lie == "a device":
        answer(c, job, data, os.open("/dev/zero", os.O_RDONLY), body_bytes=1 << 40)
    elif lie == "classes":
        c.send("FETCH_DONE", job=job, err_class=4000000000, err_code=4000000000, err_text=b"\x1b[31m\nsheafd: ok")
    elif lie == "a message of garbage":
        c.raw(os.urandom(3000))
        sys.exit(0)


def fetch(lie):
    c = Channel()
    while True:
        name, m, _ = c.receive()
        if name != "FETCH_START":
            continue
        data = urllib.request.urlopen(m["url"].decode()).read()
        if b"/bad" in m["url"]:
            lie_fetch(c, lie, m["job"], data)
        else:
            answer(c, m["job"], data)
