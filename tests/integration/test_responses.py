"""Recorded OAI-PMH answers and bare records of many platforms through
`sheafctl parse`, compared with what an XML parser of another make (expat)
found in them.

What is well-formed must agree in everything: identifiers, deleted flags,
datestamps, sets, token, errors, formats.  What is not must end in an error, a
reject or a repaired page, and never in a crash or as if nothing were wrong.
"""

import json
import os
import re
import subprocess
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from xml.etree import ElementTree

import pytest

from nouns import BUILD

OAI = "{http://www.openarchives.org/OAI/2.0/}"
OAI_DC = "{http://www.openarchives.org/OAI/2.0/oai_dc/}dc"
DC = "{http://purl.org/dc/elements/1.1/}"
OK, DATA_ERROR = 0, 65

# Files on which the parser and the catalogue disagree, each with the reason
# why the parser's view is kept.
DISAGREEMENTS = {}


def parse(body, *options):
    """(exit status, the JSON lines, standard error) of `sheafctl parse`."""
    path, stdin = (body, None) if isinstance(body, str) else ("-", body)
    p = subprocess.run(
        [os.path.join(BUILD, "sheafctl"), "parse", *options, path], input=stdin, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, timeout=60, env={**os.environ, "SHEAF_LIBEXEC": BUILD})
    return p.returncode, [json.loads(x) for x in p.stdout.decode("utf-8").splitlines()], p.stderr.decode("utf-8")


def of_type(lines, kind):
    return [x for x in lines if x["type"] == kind]


class Comparison(list):
    """The differences found."""

    def equal(self, what, ours, theirs):
        if ours != theirs:
            self.append("%s: %.300r, not %.300r" % (what, ours, theirs))


def headers(path):
    """(deleted, sets) of each header, in order, as expat has them."""
    root = ElementTree.parse(path).getroot()
    ns = OAI if root.tag.startswith(OAI) else ""
    return [(h.get("status") == "deleted", sorted({" ".join((s.text or "").split()) for s in h.findall(ns + "setSpec")} - {""}))
            for h in root.iter(ns + "header")]


def well_formed(want, path, code, lines):
    found = Comparison()
    if len(of_type(lines, "page")) != 1 or lines[-1]["type"] != "page":
        return ["exit %d, and no page object as the last line" % code]
    page, records = lines[-1], of_type(lines, "record")
    if want.get("kind") != "oai-pmh":
        found.equal("exit status for what is not OAI-PMH", code, DATA_ERROR)
        return found
    found.equal("exit status", code, OK)
    found.equal("rejects", [r.get("reason") for r in of_type(lines, "reject")], [])
    found.equal("identifiers", [r["identifier"] for r in records], want["identifiers"])
    found.equal("datestamps", [r.get("datestamp", "") for r in records], want["datestamps"])
    found.equal("deleted and sets", [(bool(r.get("deleted")), sorted(set(r.get("sets", [])))) for r in records], headers(path))
    found.equal("errors", [e.get("code", "") for e in page.get("errors", [])], [e.get("code") or "" for e in want["errors"]])
    token, theirs = page.get("resumption_token"), want.get("resumption_token")
    found.equal("token", None if token is None else token.get("text", ""), theirs and (theirs.get("value") or "").strip())
    for ours, name in (("cursor", "cursor"), ("complete_list_size", "completeListSize")):
        value = (theirs or {}).get(name)
        if value is not None and value.isdigit():
            found.equal(name, token.get(ours), int(value))
    if want.get("verb_element"):
        found.equal("verb", page.get("verb"), want["verb_element"])
    if "n_sets" in want:
        found.equal("ListSets", len(page.get("sets", [])), want["n_sets"])
    if "prefixes" in want:
        found.equal("formats", [f.get("prefix") for f in page.get("formats", [])], want["prefixes"])
    found.equal("counts", (page["counts"].get("records", 0), page["counts"].get("deleted", 0)),
                (len(records), sum(bool(r.get("deleted")) for r in records)))
    return found


def ill_formed(code, lines, errors):
    if code not in (OK, DATA_ERROR):
        return ["exit %d: %s" % (code, errors)]
    if not lines or lines[-1]["type"] != "page":
        return ["no page object as the last line"]
    said = (of_type(lines, "reject") or lines[-1].get("recovered") or code == DATA_ERROR
            or any(r.get("warnings") for r in of_type(lines, "record")))
    return [] if said and errors else ["an ill-formed page was taken as clean"]


def each(files, check):
    """The differences of all files, two at a time; none is allowed that is
    not listed, and none listed that is not there."""
    with ThreadPoolExecutor(2) as pool:
        got = {name: found for name, found in zip(files, pool.map(check, files)) if found}
    bad = ["%s: %s" % (name, "\n    ".join(found)) for name, found in got.items() if name not in DISAGREEMENTS]
    bad += ["%s agrees now: take it off the list" % n for n in DISAGREEMENTS if n in files and n not in got]
    assert not bad, "%d of %d\n%s" % (len(bad), len(files), "\n".join(bad))


@pytest.fixture
def catalog(shared):
    with open(os.path.join(shared, "fixtures", "catalog.json"), encoding="utf-8") as f:
        return json.load(f)


@pytest.mark.parametrize("folder", ["oai-responses", "oai-replay"])
def test_recorded_answers(shared, catalog, folder):
    files = [name for name in sorted(catalog) if name.startswith(folder + "/")]
    assert len(files) > 100

    def check(name):
        path = os.path.join(shared, "fixtures", name)
        code, lines, errors = parse(path)
        if catalog[name]["wellformed"]:
            return well_formed(catalog[name], path, code, lines)
        return ill_formed(code, lines, errors)

    each(files, check)
    print("\n%s: %d answers agree, %d of them ill-formed" % (
        folder, len(files), sum(not catalog[n]["wellformed"] for n in files)))


ENVELOPE = """<?xml version="1.0" encoding="UTF-8"?>
<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">
<responseDate>2026-11-24T12:00:00Z</responseDate>
<request verb="GetRecord">http://example.org/oai</request>
<GetRecord>%s</GetRecord>
</OAI-PMH>
"""
RECORD = """<record><header><identifier>oai:example.org:1</identifier><datestamp>2026-01-02</datestamp></header>
<metadata>%s</metadata></record>"""


def enveloped(path, kind):
    """The file as a GetRecord answer: bare metadata gets a header."""
    with open(path, "rb") as f:
        data = f.read()
    if kind == "oai-pmh":
        return data
    declared = re.match(rb"""<\?xml[^>]*encoding=["']([A-Za-z0-9._-]+)""", data)
    text = data.decode(declared.group(1).decode() if declared else "utf-8", "replace").lstrip("\ufeff")
    text = re.sub(r"^\s*<\?xml.*?\?>", "", text, flags=re.S)
    text = re.sub(r"<!DOCTYPE[^>\[]*(\[.*?\])?\s*>", "", text, flags=re.S)
    return (ENVELOPE % (text if kind == "oai-record" else RECORD % text)).encode()


def plain(text):
    return unicodedata.normalize("NFC", " ".join(text.split()))


def check_record(name, body, kind):
    code, lines, errors = parse(body)
    try:
        root = ElementTree.fromstring(body)
    except ElementTree.ParseError:
        return ill_formed(code, lines, errors)
    found = Comparison()
    records = of_type(lines, "record")
    found.equal("exit status", (code, of_type(lines, "reject")), (OK, []))
    if kind != "oai-pmh":
        found.equal("records", len(records), 1)
    for r in records:
        raw = body[r["offset"]:r["offset"] + r["length"]].strip()
        if not (raw.startswith(b"<") and raw.endswith(b">")):
            found.append("raw bytes: %.60r … %.60r" % (raw[:50], raw[-50:]))
    dcs = list(root.iter(OAI_DC))
    for r, dc in zip(records, dcs if len(dcs) == len(records) else ()):
        ours = [t["text"] for t in r.get("titles", [])]
        theirs = [plain(t.text or "") for t in dc.findall(DC + "title")]
        if not any("<" in t or "&" in t for t in theirs):  # HTML is taken out
            found.equal("titles", sorted(ours), sorted({t for t in theirs if t}))
    return found


def test_records_of_many_platforms(shared, catalog):
    files = [name for name in sorted(catalog) if name.startswith("records/") and name.endswith(".xml")]
    assert len(files) > 150

    def check(name):
        kind = catalog[name].get("kind")
        return check_record(name, enveloped(os.path.join(shared, "fixtures", name), kind), kind)

    each(files, check)
    print("\nrecords: %d of many platforms read" % len(files))


def test_what_parse_takes_and_says(tmp_path):
    body = (ENVELOPE % (RECORD % '<oai_dc:dc xmlns:oai_dc="%s" xmlns:dc="%s"><dc:title>A\x0btitle</dc:title></oai_dc:dc>' % (
        OAI_DC[1:-3], DC[1:-1]))).encode()
    code, lines, errors = parse(body, "--protocol", "oai-pmh", "--format", "oai_dc", "--url", "http://example.org/oai",
                                "--content-type", "text/xml; charset=utf-8")
    assert code == OK and [x["type"] for x in lines] == ["record", "page"]
    assert lines[0]["warnings"] and "oai:example.org:1" in errors  # repaired, and it says so
    assert lines[-1]["protocol"] == "oai-pmh" and lines[-1]["format"] == "oai_dc"

    page = tmp_path / "page.html"
    page.write_text("<html><head><title>Gone fishing</title></head><body>Back soon</body></html>")
    code, lines, errors = parse(str(page))
    assert code == DATA_ERROR and lines[-1]["type"] == "page" and "Gone fishing" in errors
    code, lines, errors = parse(b"")
    assert code == DATA_ERROR and lines[-1]["type"] == "page" and errors

    code, lines, errors = parse(body, "--protocol", "oai-static")
    assert code == DATA_ERROR and "set protocol = oai-pmh" in errors
    code, lines, errors = parse(body, "--protocol", "gopher")
    assert code == 64 and not lines and "oai-pmh" in errors
    code, lines, errors = parse(str(tmp_path / "absent.xml"))
    assert code == 66 and not lines and "absent.xml" in errors
