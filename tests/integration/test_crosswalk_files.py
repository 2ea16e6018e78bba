"""Crosswalks: files of the configuration that a reload changes or refuses, and
that a source may choose."""

import os
import shutil
import time

from nouns import TOP, Record, Repository, dc, iso, source, wait_for

OWN = """crosswalk own
//title   title
    text = ., "ours" | join ", "
"""


def own_files(d):
    """A copy of the shipped files that the daemon reads and the test may edit."""
    to = os.path.join(d.dir, "crosswalks")
    shutil.copytree(os.path.join(TOP, "conf/crosswalks"), to)
    os.chmod(to, 0o755)
    d.daemon_keys["crosswalk_dir"] = to
    return to


def write(files, name, text):
    path = os.path.join(files, name)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    os.chmod(path, 0o644)


def titles(registry):
    return dict(registry.query("select identifier, title from registry.record"))


def thing(i):
    return Record("oai:x:%d" % i, iso(time.time()), dc(title="Title %d" % i))


def test_a_file_is_added_chosen_and_a_mistaken_one_refused(registry, server, daemon):
    repo = server.mount(Repository("r", [thing(1)]))
    d = daemon(source("s", repo))
    files = own_files(d)
    d.configure(source("s", repo))
    d.start()
    wait_for(lambda: titles(registry) == {"oai:x:1": "Title 1"})
    write(files, "own.crosswalk", OWN.replace(" title\n", " titel\n"))
    p = d.ctl("reload", check=None)
    assert p.returncode != 0
    assert "own.crosswalk:2: there is no target titel; expected one of TARGETS in sheaf-crosswalk(5); did you mean title?" in p.stderr
    with open(d.log, encoding="utf-8") as f:
        assert "did you mean title?\n" in f.read(), "a line for each mistake, and nothing behind it"
    p = d.run("sheafctl", "parse", "--crosswalk", os.path.join(files, "own.crosswalk"), "/dev/null", check=78)
    assert "own.crosswalk:2: there is no target titel" in p.stderr and "stream" not in p.stderr
    assert "own.crosswalk:2: there is no target titel" in d.run("sheafd", "--check", check=78).stderr
    repo.put(thing(2))
    d.ctl("harvest", "s", "--wait")
    assert titles(registry)["oai:x:2"] == "Title 2", "the old crosswalks stay"
    write(files, "own.crosswalk", OWN)
    d.configure(source("s", repo, crosswalk="oun"))
    p = d.ctl("reload", check=None)
    assert p.returncode != 0
    with open(os.path.join(d.dir, "sheaf.conf"), encoding="utf-8") as f:
        line = [i for i, text in enumerate(f, 1) if text.startswith("crosswalk =")][0]
    assert "sheaf.conf:%d: there is no crosswalk oun; expected the name of a file in %s, without .crosswalk; did you mean own?" % (
        line, files) in p.stderr
    d.configure(source("s", repo, crosswalk="own"))
    d.ctl("reload")
    repo.put(thing(3))
    d.ctl("harvest", "s", "--wait")
    assert titles(registry)["oai:x:3"] == "Title 3, ours"
