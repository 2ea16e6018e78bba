"""Entries as portals see them, end to end: sources, sheafd --once, registry.entry."""

import pytest

from nouns import Record, Repository, dc, iso, source


@pytest.fixture
def two(registry, server, daemon):
    """Two agencies that list one thing, and each one of its own."""
    a = Repository("a", [
        Record("a:1", iso(1700000000), dc(title="Solar water pumps for smallholder farms in the Sahel",
                                          creator="Adeyemi, Folake", date="2019", publisher="Sahel Press",
                                          description="Pumps.", subject="irrigation")),
        Record("a:2", iso(1700000000), dc(title="A field guide to mangrove restoration", creator="Nguyen, Thi Lan",
                                          date="2018-03-01"))])
    b = Repository("b", [
        Record("b:1", iso(1700100000), dc(title="Solar water pumps for smallholder farms in the Sahel",
                                          creator="Adeyemi, Folake", date="2019-05-01", publisher="Sahel Press",
                                          subject=["irrigation", "energy"])),
        Record("b:2", iso(1700000000), dc(title="Grid codes for small island power systems",
                                          creator="Fifita, Sione", date="2020"))])
    repos = {"a": server.mount(a), "b": server.mount(b)}
    d = daemon(*(source(n, r) for n, r in repos.items()), init=False)
    d.init().once()
    d.repos = repos
    return d


def test_it_is_composed(registry, two):
    rows = registry.query("select e.entry_id::text, e.title, e.sources, e.issued::text, e.issued_precision, e.record_count "
                          "from registry.entry e order by e.title")
    print(rows)
    assert len(rows) == 3
