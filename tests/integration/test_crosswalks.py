"""Metadata of other projects' tests and of recorded harvests through
`sheafctl parse`, counted against two judges: what those tests expect, and what
each record states by an independent reading (statements.py).  The score is
counted by format and may not fall below FLOORS; `pytest -s` prints it, and
CROSSWALK_FAILURES=1 every miss.

A bare record is put into a GetRecord answer; where its elements stand in no
namespace they still do.
"""

import glob
import json
import os
import re
import subprocess
import xml.etree.ElementTree as ET
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor

import pytest

import statements
from nouns import BUILD, SHARED
from statements import key, local

FIXTURES = os.path.join(SHARED, "fixtures")
OK, DATA_ERROR = 0, 65
OAI = "http://www.openarchives.org/OAI/2.0/"

pytestmark = pytest.mark.skipif(not os.path.isdir(os.path.join(FIXTURES, "records")), reason="../shared/fixtures/records is not there")

# In percent; the goals are a title wherever there is one, 99 for years, 100 for DOIs and
# handles, 98 for languages, 90 for kinds.  What was reached may not fall.
REACHED = {"author": 99.9, "year": 99.9, "language": 99.9, "kind": 99.8}
# By row and field, where less is reached.
FLOORS = {}
# Expectations that are not followed, by file (or identifier) and field, or by
# file alone, each with the reason.
DISAGREEMENTS = {
    "oai-replay/CenterForOpenScience+scrapi/doepages/001.xml": "a listing of many records in OSTI's own protocol, not one of OAI-PMH",
    "oai-replay/CenterForOpenScience+scrapi/doepages/002.xml": "the same",
    ("records/adsabs+ADSIngestParser/stubdata/input/arxiv_1711_04702.xml", "author"):
        "what belongs to the family's name is its reader's guess: the record says Gysi, Deisy Morselli",
    "records/adsabs+ADSIngestParser/stubdata/input/crossref_conf_10.1049-cp.2010.1342.xml":
        "its header has an identifer, no identifier: rejected",
}


# --- pages ---

def decoded(body):
    """The text of a page, without its byte order mark."""
    for mark, name in ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if body.startswith(mark):
            return body[len(mark):].decode(name, "replace")
    m = re.match(rb"<\?xml[^>]*encoding=[\"']([\w-]+)", body)
    return body.decode(m[1].decode() if m else "utf-8", "replace")


def envelope(body):
    """A page of OAI-PMH around a record, or the page itself where it is one; None
    where it is no XML."""
    text = re.sub(r"^\s*(<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>\[]*(\[.*?\])?[^>]*>|\s+)*", "", decoded(body), flags=re.S)
    m = re.match(r"<([\w.-]+:)?([\w.-]+)", text)
    if m is None:
        return None
    name = m[2]
    if name == "OAI-PMH" or (name == "Repository" and "static-repository" in text[:400]):
        return body
    request = "<request verb='%s'>http://127.0.0.1/oai</request>"
    begin = "<OAI-PMH xmlns='%s'><responseDate>2026-01-01T00:00:00Z</responseDate>" % OAI
    if name in ("ListRecords", "GetRecord"):
        page = begin + request % name + text + "</OAI-PMH>"
    elif name == "record" and re.search(r"<([\w.-]+:)?header\b", text):
        page = begin + request % "GetRecord" + "<GetRecord>" + text + "</GetRecord></OAI-PMH>"
    else:
        page = re.sub(r"<(/?)(?=[\w-]+)", r"<\1o:", begin).replace("xmlns=", "xmlns:o=") + (
            "<o:request verb='GetRecord'>http://127.0.0.1/oai</o:request><o:GetRecord><o:record><o:header>"
            "<o:identifier>oai:bare:1</o:identifier><o:datestamp>2026-01-01T00:00:00Z</o:datestamp></o:header><o:metadata>"
            ) + text + "</o:metadata></o:record></o:GetRecord></o:OAI-PMH>"
    return page.encode("utf-8")


def files():
    for top in ("oai-replay", "oai-responses", "records"):
        for folder, folders, names in os.walk(os.path.join(FIXTURES, top)):
            folders.sort()
            for n in sorted(names):
                if not n.endswith((".json", ".txt", ".md", ".sample", ".ris")):
                    yield os.path.join(folder, n)


def parse(page):
    """(exit status, records, rejects) of a page."""
    protocol = "oai-static" if b"<Repository" in page[:1000] else "oai-pmh"
    p = subprocess.run([os.path.join(BUILD, "sheafctl"), "parse", "--protocol", protocol, "-"], input=page, stdout=subprocess.PIPE,
                       stderr=subprocess.DEVNULL, timeout=120, env={**os.environ, "SHEAF_LIBEXEC": BUILD}, check=False)
    lines = [json.loads(x) for x in p.stdout.decode("utf-8").splitlines()]
    return p.returncode, [x for x in lines if x["type"] == "record"], [x for x in lines if x["type"] == "reject"]


def metadata(root):
    """(identifier, metadata element) of the records of a page, in order."""
    for r in root.iter():
        if local(r) != "record":
            continue
        parts = {local(c): c for c in r}
        if "header" not in parts or "metadata" not in parts:
            continue
        ids = [(c.text or "").strip() for c in parts["header"] if local(c) == "identifier"]
        inner = [c for c in parts["metadata"] if isinstance(c.tag, str)]
        if inner and ids and parts["header"].get("status") != "deleted":
            yield ids[0], inner[0]


# --- what a record says, and what ours says ---

def texts(record, field):
    return [t["text"] for t in record.get(field, [])]


def year(record):
    """Of issue; where there is none, of what else says when it came to be."""
    dates = [d for d in record.get("dates", []) if d.get("value")]
    for role in ("issued", "created", "available", "accepted", "modified", "deposited"):
        for d in dates:
            if d["role"] == role:
                return int(d["value"][:4])
    return None


def ids(record, scheme):
    return {i["value"] for i in record.get("identifiers", []) if i["scheme"] == scheme}


def meant(text):
    """Of text that was encoded twice, what it was before."""
    for once in ("latin-1", "cp1252"):
        try:
            return text.encode(once).decode("utf-8")
        except (UnicodeEncodeError, UnicodeDecodeError):
            pass
    return text


def same_title(said, ours):
    """Of a title in parts any part will do: how they are joined is the format's.  Markup, LaTeX and
    text that was encoded twice are read as what they mean, so that letters may differ."""
    said, ours = key(meant(re.sub(r"<[^<>]*>", "", said))), key(ours)
    if said[:60] in ours or ours in said:
        return bool(ours)
    theirs = set(said.split())
    return len(theirs & set(ours.split())) * 2 >= len(theirs)


def words(name):
    """Of a name, without what catalogues write behind it: years of life, roles, numbers."""
    return {w for w in key(re.sub(r"\(.*?\)|https?:\S+|<[^<>]*>", "", name)).split() if not re.search(r"\d", w)}


def compare(s, r):
    """(field, verdict, what) for each thing that is stated."""
    if s.titles:
        good = any(same_title(said, t) for said in s.titles for t in texts(r, "titles"))
        yield "title", good, (s.titles[:2], texts(r, "titles")[:2])
    if s.years:
        yield "year", year(r) in s.years, (s.years, r.get("dates"))
    for scheme, stated in (("doi", s.dois), ("handle", s.handles)):
        for value in stated:
            yield "identifier", value in ids(r, scheme), (value, r.get("identifiers"))
    if s.languages:
        ours = {x["code"].split("-")[0] for x in r.get("languages", [])}
        yield "language", s.languages <= ours, (s.languages, r.get("languages"))
    if s.agents:
        said, ours = words(meant(s.agents[0])), [words(a["name"]) for a in r.get("agents", [])]
        yield "author", any(said <= o or (o and o <= said) for o in ours), (s.agents[0], r.get("agents", [])[:3])
    if s.types:
        kind = r.get("kind", {})
        yield "kind", kind.get("basis", "default") != "default", (s.types[:4], kind)


def judge(file):
    """The results of a file: (row, field, verdict, file, what)."""
    name = os.path.relpath(file, FIXTURES)
    with open(file, "rb") as f:
        page = envelope(f.read())
    if page is None:
        return []
    code, records, rejects = parse(page)
    results = [("every page", "no crash", code in (OK, DATA_ERROR), name, code)]
    try:
        root = ET.fromstring(page)
    except ET.ParseError:
        return results
    found = list(metadata(root))
    ours = defaultdict(list)
    for r in records:
        ours[r["identifier"]].append(r)
    for n, (identifier, m) in enumerate(found):
        s = statements.read(m)
        mine = ours[identifier].pop(0) if ours[identifier] else None
        if name not in DISAGREEMENTS:
            results.append((s.form, "read", mine is not None, name, (n, identifier, rejects[:1])))
        if mine is None:
            continue
        for field, verdict, what in compare(s, mine):
            if name not in DISAGREEMENTS and (name, field) not in DISAGREEMENTS and (identifier, field) not in DISAGREEMENTS:
                results.append((s.form, field, verdict, "%s %s" % (name, identifier), what))
    return results


# --- what others expect ---

def first_author(record):
    for role in ("author", "editor", "contributor"):
        for a in record.get("agents", []):
            if a["role"] == role:
                return a["name"]
    return ""


def adsabs():
    kinds = {"software": "data-information", "dataset": "dataset"}
    for path in sorted(glob.glob(os.path.join(FIXTURES, "records", "adsabs*", "stubdata", "output", "*.json"))):
        with open(path, encoding="utf-8") as f:
            want = json.load(f)
        yield "adsabs", path.replace("output", "input").replace(".json", ".xml"), 0, {
            "title": want["title"]["textEnglish"], "year": {int(want["publication"]["pubYear"]), *(
                int(v[:4]) for k, v in want["pubDate"].items() if isinstance(v, str))},
            "doi": [i["DOI"] for i in want.get("persistentIDs", []) if "DOI" in i],
            "author": want["authors"][0]["name"]["surname"] if want.get("authors") else None,
            "abstract": want.get("abstract", {}).get("textEnglish"),
            "kind": kinds.get(want.get("doctype"), "publication") if want.get("doctype") not in (None, "misc") else None,
            "publisher": want["publication"].get("publisher")}


def cessda():
    root = os.path.join(FIXTURES, "oai-responses", "cessda+cessda.cdc.osmh-indexer.cmm")
    pairs = {"synthetic_compliant_record": "ddi_2_5/synthetic_compliant_cmm", "ddi_record_1683_with_codebookXmlLag": "ddi_2_5/ddi_record_1683",
             "synthetic_compliant_record_ddi_3_fragments": "ddi_3_3/compliant_fragments_cmm_ddi_3_3"}
    for name, xml in pairs.items():
        with open(os.path.join(root, "json", name + ".json"), encoding="utf-8") as f:
            want = json.load(f)
        creators = [c["name"] for group in want["creators"].values() for c in group]
        pids = [p["pid"] for group in want["pidStudies"].values() for p in group]
        yield "cessda", os.path.join(root, "xml", xml + ".xml"), 0, {
            "title": list(want["titleStudy"].values()), "year": {int(want["publicationYear"][:4])},
            "doi": [d for d in map(statements.doi_of, pids) if d], "author": creators,
            "abstract": list(want["abstract"].values())}


def b2find():
    root = os.path.join(FIXTURES, "records", "EUDAT-B2FIND+md-ingestion", "testdata")
    for path in sorted(glob.glob(os.path.join(root, "ckan", "*.json"))):
        with open(path, encoding="utf-8") as f:
            want = json.load(f)
        more = {e["key"]: e["value"] for e in want["extras"]}
        yield "B2FIND", os.path.join(root, want["groups"][0]["name"], "raw", want["name"] + ".xml"), 0, {
            "title": want["title"].split("\n")[0], "year": {int(more["PublicationYear"])}, "author": want["author"].split(",")[0],
            "doi": [statements.doi_of(more["DOI"])], "abstract": want["notes"], "publisher": more["Publisher"], "kind": "dataset"}


def catalogue():
    """MARC of the eXtensible Catalog and the manifestations that its own programs make of it."""
    root = os.path.join(FIXTURES, "oai-responses", "eXtensibleCatalog+Metadata-Services-Toolkit", "MARCToXCTransformation", "test")
    for path in sorted(glob.glob(os.path.join(root, "mock_harvest_expected_output", "multipleWEs", "*.xml"))):
        given = path.replace("expected_output", "input")
        numbers = {}
        for n, (_, m) in enumerate(metadata(ET.parse(given).getroot())):
            for number in statements.controlfield(m, "001"):
                numbers.setdefault(number, n)
        for _, m in metadata(ET.parse(path).getroot()):
            entity = next(iter(m))
            number = [e.text for e in entity if local(e) == "recordID" and e.get("type") not in ("LCCN", "OCoLC")]
            if entity.get("type") != "manifestation" or not number or number[-1] not in numbers:
                continue
            issued = [y for y in map(statements.year_of, statements.path_texts(entity, "issued")) if y]
            yield "eXtensible Catalog", given, numbers[number[-1]], {
                "title": (statements.path_texts(entity, "title") or [None])[0], "year": set(issued),
                "isbn": [e.text.split()[0] for e in entity if local(e) == "identifier" and e.get("type") == "ISBN"],
                "publisher": (statements.path_texts(entity, "publisher") or [None])[0]}


def expect(want, r):
    """(field, verdict, what) for each thing that is expected."""
    def some(texts_wanted):
        return [key(t) for t in ([texts_wanted] if isinstance(texts_wanted, str) else texts_wanted)]

    ours = [key(t) for t in texts(r, "titles")]
    if want.get("title"):
        yield "title", any(o in t or t in o for t in some(want["title"]) for o in ours), (want["title"], ours)
    if want.get("year"):
        yield "year", year(r) in want["year"], (want["year"], r.get("dates"))
    for d in want.get("doi", []):
        yield "doi", d.lower() in ids(r, "doi"), (d, r.get("identifiers"))
    for i in want.get("isbn", []):
        digits = re.sub(r"[^\dX]", "", i.upper())
        if len(digits) in (10, 13):
            yield "isbn", any(digits[:9] in v or digits[3:12] in v for v in ids(r, "isbn")), (i, r.get("identifiers"))
    if want.get("author"):
        mine = key(first_author(r))  # without an affiliation that stood behind the name
        yield "author", any(a in mine or mine and mine in a for a in some(want["author"])), (want["author"], r.get("agents"))
    if want.get("abstract"):
        mine = [key(t)[:40] for t in texts(r, "abstracts")]
        yield "abstract", any(m in a or a[:40] in m for a in some(want["abstract"]) for m in mine), (mine, str(want["abstract"])[:200])
    if want.get("kind"):
        yield "kind", r.get("kind", {}).get("code", "") in want["kind"].split(), (want["kind"], r.get("kind"))
    if want.get("publisher"):
        mine = [key(a["name"]) for a in r.get("agents", []) if a["role"] == "publisher"]
        yield "publisher", any(p in m or m in p for p in some(want["publisher"]) for m in mine), (want["publisher"], mine)


def judge_expected(case):
    corpus, file, number, want = case
    name = os.path.relpath(file, FIXTURES)
    with open(file, "rb") as f:
        code, records, _ = parse(envelope(f.read()))
    live = [r for r in records if not r.get("deleted")]
    row = "as %s expects" % corpus
    if number >= len(live):
        return [] if name in DISAGREEMENTS else [(row, "read", False, name, code)]
    return [(row, "read", True, name, None)] + [
        (row, field, verdict, name, what) for field, verdict, what in expect(want, live[number])
        if name not in DISAGREEMENTS and (name, field) not in DISAGREEMENTS]


# --- the score ---

def add_up(results):
    score, misses = defaultdict(lambda: [0, 0]), defaultdict(list)
    for row, field, verdict, name, what in results:
        score[row, field][1] += 1
        score[row, field][0] += bool(verdict)
        if not verdict:
            misses[row, field].append("%s: %.300r" % (name, what))
    return score, misses


def show(score, misses):
    for (row, field), (good, total) in sorted(score.items()):
        print("%-34s %-12s %5d of %5d  %5.1f %%" % (row, field, good, total, 100.0 * good / total))
    if os.environ.get("CROSSWALK_FAILURES"):
        for (row, field), lines in sorted(misses.items()):
            for line in lines:
                print(row, field, "|", line)


def too_low(score, misses):
    low = []
    for (row, field), (good, total) in sorted(score.items()):
        floor = FLOORS.get((row, field), REACHED.get(field, 100))
        if 100.0 * good / total < floor:
            low.append("%s, %s: %.1f %%, below %.1f %%" % (row, field, 100.0 * good / total, floor))
            low += ["    " + line for line in misses[row, field][:3]]
    return low


def test_what_records_state():
    with ThreadPoolExecutor(4) as pool:
        results = [r for rs in pool.map(judge, files()) for r in rs]
    results += [("all formats", *r[1:]) for r in results if r[0] != "every page"]
    score, misses = add_up(results)
    show(score, misses)
    low = too_low(score, misses)
    assert not low, "\n".join(low)


def test_what_others_expect():
    with ThreadPoolExecutor(4) as pool:
        results = [r for rs in pool.map(judge_expected, [*adsabs(), *cessda(), *b2find(), *catalogue()]) for r in rs]
    score, misses = add_up(results)
    show(score, misses)
    low = too_low(score, misses)
    assert not low, "\n".join(low)
