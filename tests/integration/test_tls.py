"""MISBEHAVIOUR C16: certificates are always verified, and what is wrong with
one is said in words that help."""

import os
import ssl
import subprocess

import pytest

from nouns import Repository, Server, ids, records, source

NAMED = "subjectAltName=IP:127.0.0.1\n"


class Authority:
    """A root, an intermediate under it, and certificates of both."""

    def __init__(self, where):
        self.dir = where
        self.openssl("req", "-x509", *self.key("root"), "-out", "root.pem", "-subj", "/CN=Root", "-days", "30")
        self.make("middle", "root", "basicConstraints=critical,CA:TRUE\n")

    def key(self, name):
        return ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", name + ".key"]

    def openssl(self, *args):
        subprocess.run(["openssl", *args], cwd=self.dir, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def path(self, name):
        return os.path.join(self.dir, name)

    def read(self, *names):
        out = ""
        for n in names:
            with open(self.path(n)) as f:
                out += f.read()
        return out

    def bundle(self, name, *parts):
        with open(self.path(name), "w") as f:
            f.write(self.read(*parts))
        os.chmod(self.path(name), 0o644)
        return self.path(name)

    def make(self, name, issuer, extensions, days=30):
        with open(self.path("ext"), "w") as f:
            f.write(extensions)
        self.openssl("req", *self.key(name), "-out", "csr", "-subj", "/CN=" + name)
        self.openssl("x509", "-req", "-in", "csr", "-CA", issuer + ".pem", "-CAkey", issuer + ".key", "-CAcreateserial",
                     "-extfile", "ext", "-days", str(days), "-out", name + ".pem")

    def server(self, name, *chain):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.bundle(name + ".chain", name + ".pem", *chain), self.path(name + ".key"))
        return Server(context=context)


@pytest.fixture(scope="module")
def authority(room):
    where = os.path.join(room, "authority")
    os.mkdir(where)
    os.chmod(where, 0o755)
    a = Authority(where)
    a.make("good", "root", NAMED)
    a.make("under", "middle", NAMED)
    a.make("other", "root", "subjectAltName=DNS:elsewhere.example.org\n")
    a.make("old", "root", NAMED, days=-1)
    return a


def harvest(daemon, tls, check, **keys):
    repo = tls.mount(Repository("r", records(20)))
    try:
        daemon(source("s", repo, **keys)).once(check=check)
    finally:
        tls.stop()
    return repo


def test_c16_a_bundle_of_the_source_is_trusted(registry, daemon, authority):
    repo = harvest(daemon, authority.server("good"), 0, ca_file=authority.bundle("ca", "root.pem"))
    assert registry.identifiers("s") == ids(repo)


def test_c16_an_intermediate_may_come_from_either_side(registry, daemon, authority):
    repo = harvest(daemon, authority.server("under", "middle.pem"), 0, ca_file=authority.bundle("ca", "root.pem"))
    assert registry.identifiers("s") == ids(repo)
    both = authority.bundle("both", "middle.pem", "root.pem")
    harvest(daemon, authority.server("under"), 0, ca_file=both)


@pytest.mark.parametrize("name,trusted,words", [
    ("good", False, ["root", "ca_file"]),
    ("under", True, ["intermediate certificate", "ca_file"]),
    ("other", True, ["not for that name"]),
    ("old", True, ["expired"]),
], ids=["unknown-authority", "incomplete-chain", "wrong-name", "expired"])
def test_c16_what_is_wrong_is_said_and_nothing_is_asked(registry, daemon, authority, name, trusted, words):
    keys = {"ca_file": authority.bundle("ca", "root.pem")} if trusted else {}
    repo = harvest(daemon, authority.server(name), 1, **keys)
    assert not repo.requests
    error = registry.status("s")["last_error"]
    assert "127.0.0.1" in error and all(w in error for w in words), error
    run = registry.runs("s")[-1]
    assert (run["outcome"], run["err_class"], run["requests"]) == ("failed", "TLS", 1)


def test_c16_a_bundle_that_is_none_is_named(registry, daemon, authority):
    with open(authority.path("rubbish"), "w") as f:
        f.write("not a certificate\n")
    harvest(daemon, authority.server("good"), 1, ca_file=authority.path("rubbish"))
    assert "ca_file" in registry.status("s")["last_error"]
