"""Feeds of other projects' tests through `sheafctl parse --protocol feed`,
compared with what those tests expect, as far as the record model has a field
for it.  The score is counted by corpus and directory and may not fall below
FLOORS; `pytest -s` prints it.

An assertion about what the model does not have (a feed's generator, image,
text input, authors, ids; types of contents; markup, of which the words are
compared; a person's mail beside the name) is not counted.
"""

import codecs
import datetime
import email.utils
import html
import json
import os
import re
import subprocess
import urllib.parse
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser

import pytest

from nouns import BUILD

HERE = os.path.dirname(os.path.abspath(__file__))
FIXTURES = os.path.join(HERE, "..", "..", "..", "shared", "fixtures")
FEEDS = os.path.join(FIXTURES, "feeds")
OK, DATA_ERROR = 0, 65

pytestmark = pytest.mark.skipif(not os.path.isdir(FEEDS), reason="../shared/fixtures/feeds is not there")

# Share of the assertions that hold, in percent, by corpus and directory; where
# there is no other, all of them.
FLOORS = {
    "feedparser/encoding": 97, "feedparser/entities": 97, "feedparser/wellformed/atom": 98,
    "feedparser/wellformed/atom10": 98, "feedparser/wellformed/base": 98, "feedparser/wellformed/cdf": 98,
    "feedparser/wellformed/lang": 98, "feedparser/wellformed/namespace": 98, "feedparser/wellformed/rdf": 98,
    "feedparser/wellformed/rss": 98, "feedparser/wellformed/sanitize": 98, "feed-rs": 98, "gofeed": 98, "rss-parser": 98,
}

# Expectations that are not followed, each with the reason.
DISAGREEMENTS = {
    **dict.fromkeys(("illformed/chardet/" + n + ".xml" for n in ("big5", "euckr", "koi8r", "tis620")),
                    "an encoding that nobody names is not guessed by statistics: windows-1252, and a warning"),
    "wellformed/sanitize/entry_content_iframe.xml": "what stands in an iframe is never shown, so it is no text (HTML, 4.8.5)",
    "wellformed/sanitize/entry_summary_iframe.xml": "likewise",
    "wellformed/sanitize/feed_subtitle_iframe.xml": "likewise",
    "wellformed/rss/item_madeup_tags_element.xml": "an element that is made up is of no known meaning",
    "wellformed/lang/http_content_language.xml": "Content-Language does not reach the parser",
    "wellformed/base/http_entry_id_base_content_location.xml": "an id is compared as it is written (RFC 4287, 4.2.6.1)",
    "rometools+rome/rome-modules/src/test/resources/org/rometools/feed/module/content/test-rdf.xml":
        "content:item is no item",
}


def parse(path, content_type=None, url=None):
    """(exit status, records, page or None) of a file."""
    options = ["--content-type", content_type] if content_type else []
    options += ["--url", url] if url else []
    p = subprocess.run(
        [os.path.join(BUILD, "sheafctl"), "parse", "--protocol", "feed", *options, path], stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, timeout=120, env={**os.environ, "SHEAF_LIBEXEC": BUILD})
    lines = [json.loads(x) for x in p.stdout.decode("utf-8").splitlines()]
    page = lines[-1] if lines and lines[-1]["type"] == "page" else None
    return p.returncode, [x for x in lines if x["type"] == "record"], page


class Words(HTMLParser):
    HIDDEN = ("script", "style")

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.out, self.hidden = [], 0

    def handle_starttag(self, tag, attrs):
        self.hidden += tag in self.HIDDEN
        self.out.append(" ")

    def handle_endtag(self, tag):
        self.hidden -= tag in self.HIDDEN and self.hidden > 0
        self.out.append(" ")

    def handle_data(self, data):
        if not self.hidden:
            self.out.append(data)


def words(text):
    """The text without markup and white space."""
    w = Words()
    w.feed(text or "")
    w.close()
    return re.sub(r"[\s\u00a0\u200b\ufeff]+", "", "".join(w.out))


def same_text(ours, theirs):
    a = words(ours)
    if a == words(theirs):
        return True
    bare = re.sub(r"[\s\u00a0\u200b\ufeff]+", "", theirs or "")
    return bare == re.sub(r"\s+", "", ours or "") or a == words("<b>" + re.sub(r"<[^>]*>?", " ", words(theirs or "")))


def same_date(ours, theirs):
    """theirs: ISO text in UTC; ours may know less."""
    if ours is None or theirs is None:
        return ours == theirs
    n = min(len(ours), 10 if len(ours) <= 10 else 16)
    return ours[:n] == theirs[:n]


def texts(record, field):
    return [t["text"] for t in record.get(field, [])]


def agents(record, roles):
    return [a["name"] for a in record.get("agents", []) if a["role"] in roles]


def dates(record, roles):
    return [d.get("value") for d in record.get("dates", []) if d["role"] in roles]


def links(record, roles=None):
    return [x["url"] for x in record.get("links", []) if roles is None or x["role"] in roles]


def any_text(candidates, theirs):
    if not words(theirs):
        return True
    return any(same_text(c, theirs) for c in candidates)


def iso(value):
    if isinstance(value, dict):
        value = value.get("time_tuple") or value.get("value")
    if isinstance(value, (list, tuple)) and len(value) >= 6:
        return "%04d-%02d-%02dT%02d:%02d:%02dZ" % tuple(value[:6])
    return None


# --- feedparser ---

# What it calls an encoding, and what is read as one that contains it.
CONTAINED = {"us-ascii": ("utf-8", "windows-1252"), "iso-8859-1": ("windows-1252",), "gb2312": ("gb18030",)}


def same_encoding(ours, theirs):
    names = [theirs.lower(), *CONTAINED.get(theirs.lower(), ())]
    return any(plain_codec(ours) == plain_codec(n) for n in names)


def plain_codec(name):
    try:
        return codecs.lookup(name).name
    except LookupError:
        return re.sub(r"[^a-z0-9]", "", name.lower())


def given_date(records_dates, value):
    """A date's own words, or what they mean."""
    if re.match(r"\d{4}-\d\d-\d\dT.*[+-]\d\d:\d\d$", value):
        value = datetime.datetime.fromisoformat(value).astimezone(datetime.timezone.utc).isoformat()
    try:
        value_iso = email.utils.parsedate_to_datetime(value).astimezone(datetime.timezone.utc).isoformat()
    except (TypeError, ValueError):
        value_iso = value
    return any(value in (d.get("text"), d.get("value")) or same_date(d.get("value"), value_iso) for d in records_dates)


def feed_check(name, path, value, feed):
    plain = {"title": "title", "subtitle": "description", "tagline": "description", "description": "description"}
    if name.endswith("_detail") and name[:-7] in plain:
        if not isinstance(value, dict) and path[-1] != "value":
            return None
        name, path = name[:-7], path[:2]
        value = value.get("value") if isinstance(value, dict) else value
    if name in plain and len(path) == 2 and isinstance(value, str):
        return not words(value) or same_text(feed.get(plain[name]), value)
    if name == "link" and isinstance(value, str):
        return feed.get("link") == value or not value or "://" not in value
    if name == "language":
        return not value or feed.get("language") is not None
    if name == "ttl":
        return str(feed.get("ttl_minutes")) == value
    if name == "updated_parsed":
        return same_date(feed.get("updated"), iso(value))
    if name in ("updated", "published") and isinstance(value, str):
        return given_date([{"value": feed.get("updated")}], value)
    if name == "cloud" and isinstance(value, str) and path[-1] in ("domain", "port", "path", "protocol"):
        return value in (feed.get("cloud") or "")
    return None


def person_check(record, roles, value):
    wanted = [v.get("name") or v.get("email") or v.get("href") for v in (value if isinstance(value, list) else [value]) if v]
    return all(w in agents(record, roles) for w in wanted if w)


def entry_check(name, path, value, r, raw):
    """The part of an entry that the model has, by its first name and what stands behind it."""
    last = path[-1]
    texts_of = {"title": "titles", "summary": "abstracts", "description": "abstracts", "content": "abstracts"}
    everywhere = links(r) + [x.get("url") for x in r.get("rights", [])] + [x.get("value") for x in r.get("relations", [])]
    if name.endswith("_detail") and name[:-7] in texts_of:
        if not isinstance(value, dict) and last != "value":
            return None
        name, value = name[:-7], value.get("value", "") if isinstance(value, dict) else value
    if name in texts_of:
        values = value if isinstance(value, list) else [value]
        values = [v.get("value", "") if isinstance(v, dict) else v for v in values]
        if last not in (name, "value", 0, name + "_detail") or not all(isinstance(v, str) for v in values):
            return None
        return all(any_text(texts(r, texts_of[name]), v) for v in values)
    if name in ("link", "comments", "license", "wfw_commentrss"):
        return value in everywhere or not value or "://" not in value
    if name in ("links", "enclosures", "image", "media_license", "media_thumbnail", "media_content"):
        if isinstance(value, str) and last in ("href", "url"):
            value = [{"href": value, "rel": "alternate"}]
        elif isinstance(value, dict):
            value = [value]
        elif not isinstance(value, list):
            return None
        wanted = [x["href"] for x in value if isinstance(x, dict) and "://" in x.get("href", "")
                  and x.get("rel", "alternate") in ("alternate", "enclosure", "related", "via")]
        if re.search(r"rel=.(self|edit|service|http)", raw):
            return None
        return all(w in everywhere for w in wanted)
    if name in ("id", "guid"):
        return r["identifier"] == value or not value
    if name == "author":
        return any(n in value for n in agents(r, ("author",)))
    if name in ("author_detail", "authors", "contributors"):
        role = ("contributor",) if name == "contributors" else ("author",)
        if last == "email" and agents(r, role) and "@" not in agents(r, role)[0]:
            return None  # the name stands for the person
        if isinstance(value, str):
            return value in agents(r, role) if last in ("name", "email") else None
        return person_check(r, role, value)
    if name == "media_credit":
        return value in agents(r, ("contributor",)) if last == "content" else None
    if name == "tags":
        ours = [s["text"] for s in r.get("subjects", [])] + [s.get("code") for s in r.get("subjects", [])]
        if isinstance(value, str):
            return value in ours if last in ("term", "label") else None
        value = value if isinstance(value, list) else [value]
        return all(t.get("term") in ours or not t.get("term") for t in value if isinstance(t, dict))
    if name == "category":
        return value in [s["text"] for s in r.get("subjects", [])]
    if name in ("updated_parsed", "published_parsed", "created_parsed", "expired_parsed"):
        role = {"updated_parsed": ("modified", "issued"), "published_parsed": ("issued",),
                "created_parsed": ("created",), "expired_parsed": ("valid-until",)}[name]
        return any(same_date(d, iso(value)) for d in dates(r, role)) if iso(value) else None
    if name in ("updated", "published", "created") and isinstance(value, str):
        return given_date(r.get("dates", []), value)
    if name in ("rights", "copyright", "rights_detail", "copyright_detail"):
        value = value.get("value", "") if isinstance(value, dict) else value
        if last not in (name, "value"):
            return None
        return any_text([x.get("text") or x.get("url") for x in r.get("rights", [])], value)
    if name == "source":
        if isinstance(value, dict):
            value, last = value.get("title"), "title"
        if "links" in path:
            return None
        return same_text(r.get("container", {}).get("title"), value) if value and last == "title" else None
    if name == "where" and last == "coordinates" and all(isinstance(v, (int, float)) for v in value):
        numbers = [float(x) for x in re.findall(r"-?[\d.]+", " ".join(x["text"] for x in r.get("coverage", [])))]
        return all(v in numbers for v in value)
    return None


def feedparser_check(a, records, page, raw):
    """True, False, or None where the model does not have the field."""
    path, value = a["path"], a.get("value")
    if path == ["encoding"]:
        return same_encoding(page.get("encoding", ""), value)
    if path[0] == "feed" and len(path) > 1:
        return feed_check(path[1], path, value, page.get("feed", {}) if page else {})
    if path[0] == "entries" and len(path) > 2 and path[1] == 0:
        return entry_check(path[2], path[2:], value, records[0], raw) if records else False
    return None


def feedparser_cases():
    root = os.path.join(FEEDS, "kurtmckee+feedparser")
    with open(os.path.join(root, "expectations.json"), encoding="utf-8") as f:
        cases = json.load(f)
    for c in cases:
        path = os.path.join(root, c["file"])
        if os.path.isfile(path):
            yield c["file"], path, c


def run_feedparser(case):
    name, path, c = case
    headers = {k.lower(): v for k, v in (c.get("headers") or {}).items()}
    url = urllib.parse.urljoin("http://127.0.0.1:8097/" + name, headers.get("content-location", ""))
    code, records, page = parse(path, headers.get("content-type"), url)
    group = "feedparser/" + "/".join(name.split("/")[:2] if name.startswith("wellformed/") else name.split("/")[:1])
    results = [(group + " (no crash)", code in (OK, DATA_ERROR), name, code)]
    with open(path, encoding="utf-8", errors="replace") as f:
        raw = f.read()
    for a in c.get("assertions") or []:
        if a.get("op") != "==" or name in DISAGREEMENTS:
            continue
        verdict = feedparser_check(a, records, page, raw)
        if verdict is not None:
            results.append((group, verdict, name, "%s: %.200r" % (a["path"], a.get("value"))))
    return results


# --- normalised items of gofeed, feed-rs, rss-parser ---

def run_items(case):
    corpus, name, path, want = case
    code, records, page = parse(path)
    results = [(corpus + " (no crash)", code in (OK, DATA_ERROR), name, code)]
    with open(path, encoding="utf-8", errors="replace") as f:
        raw = f.read()

    def say(what, verdict, value):
        if (name, what) not in DISAGREEMENTS:
            results.append((corpus, verdict, name, "%s: %.200r" % (what, value)))

    say("number", len(records) == want["n_items"], (want["n_items"], len(records)))
    for r, w in zip(records, want["items"]):
        # An id that does not stand in the file was made up by the library.
        if w.get("id") and html.unescape(w["id"]).strip() in html.unescape(raw):
            say("id", r["identifier"] == w["id"].strip(), (w["id"], r["identifier"]))
        if w.get("title"):
            say("title", any_text(texts(r, "titles"), w["title"]), (w["title"], texts(r, "titles")))
        if w.get("link") and "://" in w["link"]:
            say("link", w["link"].strip().rstrip("/") in [x.rstrip("/") for x in links(r)], (w["link"], links(r)))
        # rss-parser takes what was updated for published where nothing else is said.
        stands_in = ("modified",) if corpus == "rss-parser" and not dates(r, ("issued",)) else ()
        for key, roles in (("published", ("issued", *stands_in)), ("updated", ("modified", "issued"))):
            if w.get(key) and re.match(r"\d{4}-", w[key]):
                say(key, any(same_date(d, w[key]) for d in dates(r, roles)), (w[key], r.get("dates")))
    return results


def item_cases():
    for corpus in ("mmcdole+gofeed", "feed-rs+feed-rs", "rbren+rss-parser"):
        with open(os.path.join(FEEDS, corpus, "expected_items.json"), encoding="utf-8") as f:
            files = json.load(f)["files"]
        for name, want in files.items():
            path = os.path.join(FEEDS, corpus, name)
            if os.path.isfile(path) and want.get("scored") is not False and "json" not in want["feed"].get("type", "").lower():
                yield corpus.split("+")[1], name, path, want


# --- the others: no crash, and as many items as an XML parser counts ---

def run_counted(case):
    corpus, name, path, want = case
    code, records, page = parse(path)
    results = [(corpus + " (no crash)", code in (OK, DATA_ERROR) and page is not None, name, code)]
    if want is not None and want.get("kind") == "feed" and want.get("n_items") is not None and name not in DISAGREEMENTS:
        live = [r for r in records if not r.get("deleted")]
        results.append((corpus, len(live) == want["n_items"], name, (want["n_items"], len(live))))
    return results


def counted_cases():
    with open(os.path.join(FIXTURES, "catalog.json"), encoding="utf-8") as f:
        catalog = json.load(f)
    seen = {path for _, path, _ in feedparser_cases()} | {c[2] for c in item_cases()}
    for top, dirs, names in os.walk(FEEDS):
        dirs.sort()
        for n in sorted(names):
            path = os.path.join(top, n)
            rel = os.path.relpath(path, FEEDS)
            if path in seen or n.endswith((".json", ".md", ".txt", ".gz")):
                continue
            corpus = rel.split(os.sep)[0].split("+")[1]
            yield corpus, rel, path, catalog.get("feeds/" + rel.replace(os.sep, "/"))


def test_scores():
    jobs = [(run_feedparser, c) for c in feedparser_cases()]
    jobs += [(run_items, c) for c in item_cases()]
    jobs += [(run_counted, c) for c in counted_cases()]
    score = defaultdict(lambda: [0, 0])
    failures = defaultdict(list)
    with ThreadPoolExecutor(4) as pool:
        for results in pool.map(lambda j: j[0](j[1]), jobs):
            for group, verdict, name, what in results:
                score[group][1] += 1
                score[group][0] += bool(verdict)
                if not verdict:
                    failures[group].append("%s %s" % (name, what))
    low = []
    for group in sorted(score):
        good, total = score[group]
        share = 100.0 * good / total
        floor = FLOORS.get(group, 100.0)
        print("%-52s %5d of %5d  %5.1f %%" % (group, good, total, share))
        if share < floor:
            low.append("%s: %.1f %%, below %.1f %%" % (group, share, floor))
    if os.environ.get("FEEDS_FAILURES"):
        for group in sorted(failures):
            for line in failures[group]:
                print(group, "|", line)
    assert not low, "\n".join(low + ["%s | %s" % (g, x) for g in failures for x in failures[g][:5]])


def test_dates():
    """feedparser's own table, as dates of items."""
    path = os.path.join(FIXTURES, "dates", "kurtmckee+feedparser", "date_cases.json")
    with open(path, encoding="utf-8") as f:
        rows = [r for r in json.load(f)["rows"] if r["input"]]
    body = "<rss version='2.0'><channel>" + "".join(
        "<item><title>t</title><guid>%d</guid><pubDate>%s</pubDate></item>" % (i, r["input"]) for i, r in enumerate(rows)) + "</channel></rss>"
    p = subprocess.run(
        [os.path.join(BUILD, "sheafctl"), "parse", "--protocol", "feed", "-"], input=body.encode("utf-8"),
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=60, env={**os.environ, "SHEAF_LIBEXEC": BUILD}, check=True)
    records = [json.loads(x) for x in p.stdout.decode("utf-8").splitlines()][:-1]
    wrong = [(r["input"], r["expected_utc"], dates(x, ("issued",))) for r, x in zip(rows, records)
             if not any(same_date(d, r["expected_utc"]) for d in dates(x, ("issued",)))]
    print("dates: %d of %d" % (len(rows) - len(wrong), len(rows)))
    assert not wrong


def test_identity_is_chosen(tmp_path):
    """What tells items apart is said by --identity, and a wrong word is named."""
    page = tmp_path / "feed.xml"
    page.write_text("<rss><channel><item><title>A</title><guid isPermaLink='false'>g</guid>"
                    "<link>http://a.example/1?utm_source=x</link></item></channel></rss>")
    wanted = {"guid": "g", "link": "http://a.example/1", "digest": "sha256:"}
    for basis, start in wanted.items():
        p = subprocess.run([os.path.join(BUILD, "sheafctl"), "parse", "--protocol", "feed", "--identity", basis, page],
                           stdout=subprocess.PIPE, timeout=60, env={**os.environ, "SHEAF_LIBEXEC": BUILD}, check=True)
        assert json.loads(p.stdout.splitlines()[0])["identifier"].startswith(start)
    p = subprocess.run([os.path.join(BUILD, "sheafctl"), "parse", "--protocol", "feed", "--identity", "title", page],
                       stderr=subprocess.PIPE, timeout=60, env={**os.environ, "SHEAF_LIBEXEC": BUILD}, check=False)
    assert p.returncode == 64 and b"guid, link or digest" in p.stderr
