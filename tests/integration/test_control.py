"""The control socket and the state directory: nobody who may not, nothing that
is no request, and no client that dawdles holds the daemon."""

import contextlib
import os
import socket
import stat
import subprocess
import time

import pytest

from nouns import Repository, environment, ids, records, source, wait_for

LINES = 64 * 1024


@pytest.fixture
def running(registry, server, daemon):
    repo = server.mount(Repository("r", records(30), page_size=10))
    d = daemon(source("r", repo)).start()
    wait_for(lambda: registry.identifiers("r") == ids(repo))
    return d


def connect(d, timeout=30):
    s = socket.socket(socket.AF_UNIX)
    s.connect(os.path.join(d.run_dir, "control"))
    s.settimeout(timeout)
    return s


def ask(d, data):
    with connect(d) as s:
        out = b""
        with contextlib.suppress(BrokenPipeError):  # refused before it was asked
            s.sendall(data)
        while True:
            try:
                got = s.recv(65536)
            except ConnectionResetError:
                return out
            if not got:
                return out
            out += got


def lives(d):
    assert d.process.poll() is None
    assert ask(d, b"ping\n").splitlines()[-1].startswith(b"end ")
    assert d.run("sheafctl", "harvest", "--wait", "r").returncode == 0


GARBAGE = {
    "nothing": b"\n",
    "a space": b" \n",
    "random": os.urandom(5000) + b"\n",
    "a NUL": b"harvest\0 r\n",
    "broken escapes": b"harvest %zz %0\n",
    "an escaped NUL": b"harvest %00\n",
    "no such verb": b"explode r\n",
    "too many words": b"harvest" + b" r" * 5000 + b"\n",
    "many words": b"harvest" + b" r" * 2000 + b"\n",
    "escapes": b"harvest %1B%5B2J%0Asheafd:%20all%20is%20well\n",
    "a word of 60 kB": b"harvest " + b"r" * 60000 + b"\n",
    "a long line": b"harvest " + b"r" * (3 * LINES),
    "an act without words": b"act\nact\n",
    "an act of nothing": b"act explode %1B r r r\n",
}


def test_garbage_is_answered_and_does_no_harm(running):
    for name, data in GARBAGE.items():
        said = ask(running, data)
        code = said.splitlines()[-1] if said else b"(reset)"
        assert code != b"end 0" and code.startswith((b"end ", b"(reset)")), (name, said)
    lives(running)
    text = running.text()
    assert "\x1b" not in text and "\nsheafd: all is well" not in text


def test_clients_that_dawdle_are_dropped_and_others_served(running):
    silent = [connect(running) for _ in range(20)]
    half = connect(running)
    half.sendall(b"harv")
    lives(running)
    too_many = [connect(running) for _ in range(40)]
    said = ask(running, b"harvest r\n")
    assert b"too%20many%20clients" in said or said == b"", said
    began = time.monotonic()
    for i in range(40):  # a byte now and then makes no request
        try:
            half.sendall(b"x")
        except OSError:
            break
        time.sleep(0.5)
    assert time.monotonic() - began < 15
    for s in silent:
        assert s.recv(10) == b""
    for s in [half, *silent, *too_many]:
        s.close()
    lives(running)


def test_one_that_does_not_read_costs_a_bounded_queue(running):
    deaf = []
    for _ in range(20):
        s = connect(running)
        s.sendall(b"harvest " + b"r" * 60000 + b"\n")
        deaf.append(s)
    lives(running)
    with open("/proc/%d/status" % running.process.pid) as f:
        peak = int(next(line for line in f if line.startswith("VmHWM")).split()[1]) // 1024
    assert peak < 100
    for s in deaf:
        s.close()


def mode(*path):
    return stat.S_IMODE(os.stat(os.path.join(*path)).st_mode)


def test_strangers_are_kept_out(running):
    assert mode(running.run_dir, "control") == 0o660
    for base, dirs, files in os.walk(running.state):
        for name in dirs + files:
            assert not mode(base, name) & 0o027, os.path.join(base, name)
    if os.getuid():
        pytest.skip("only root can be somebody else")
    stranger = ["setpriv", "--reuid", "65533", "--regid", "65533", "--clear-groups", "--", "/usr/bin/python3", "-c",
                "import socket; socket.socket(socket.AF_UNIX).connect(%r)" % os.path.join(running.run_dir, "control")]
    p = subprocess.run(stranger, stderr=subprocess.PIPE, text=True, check=False)
    assert "PermissionError" in p.stderr
    # Where somebody opened the socket to all, they are refused in words.
    os.chmod(os.path.join(running.run_dir, "control"), 0o666)
    os.chmod(running.run_dir, 0o755)
    os.chmod(running.dir, 0o755)
    for attempt in range(5):
        p = subprocess.run([*stranger[:-3], *running.command("sheafctl", "harvest", "r")[-5:]], env=environment(running.room),
                           stderr=subprocess.PIPE, text=True, check=False)
        assert p.returncode == 77 and "may not control this daemon" in p.stderr, p.stderr
