"""Fixtures: see nouns.py for what they hand out."""

import os
import shutil

import pytest

from nouns import SHARED, Cluster, Daemon, Registry, Server, make_room

# Enough of everything, in a minute: what runs under the sanitizers.
SMOKE = {"test_smoke", "test_check", "test_bytes", "test_store"}


def pytest_collection_modifyitems(items):
    for item in items:
        if item.module.__name__ in SMOKE:
            item.add_marker(pytest.mark.smoke)


@pytest.fixture(scope="session")
def room():
    d = make_room()
    yield d
    shutil.rmtree(d, ignore_errors=True)


@pytest.fixture(scope="session")
def cluster(room):
    c = Cluster(os.path.join(room, "pg"))
    yield c
    c.stop("immediate")


@pytest.fixture
def registry(cluster):
    r = Registry(cluster)
    yield r
    r.close()


@pytest.fixture
def server():
    s = Server()
    yield s
    s.stop()


@pytest.fixture
def daemon(room, registry, request):
    """Makes Daemons on the registry's database, initialised; they are stopped
    at the end, and their log is shown when the test fails."""
    made = []

    def make(*sources, init=True, **keys):
        d = Daemon(room, "connection = %s" % registry.connection, *sources, **keys)
        made.append(d)
        return d.init() if init else d

    yield make
    for d in made:
        d.end()


@pytest.fixture
def shared():
    """The folder of recorded fixtures beside the checkout."""
    if not os.path.isdir(os.path.join(SHARED, "fixtures")):
        pytest.skip("no recorded fixtures beside the checkout (../shared)")
    return SHARED
