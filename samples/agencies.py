#!/usr/bin/env python3
"""Sample agencies on loopback, to see Sheaf at work without a network.

  agencies.py [--port PORT] [--conf DIR] [--ready FILE]

Serves OAI-PMH repositories (in oai_dc, xoai and MARC 21), feeds (news, events, and
offers and needs by the feed profile) and a static repository, each with the
habits of the software that such an agency runs. What they publish is invented;
names of agencies say only whose platform a source is shaped like.
--conf writes a configuration file for each into DIR; --ready names a file that
is written once all answer.
"""

import argparse
import os
import random
import signal
import sys
import threading

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from agency_feeds import feeds  # noqa: E402
from agency_formats import marcxml, xoai  # noqa: E402
from oaiserver import Record, Reply, Repository, Server, dc, iso  # noqa: E402
from staticrepo import StaticRepository  # noqa: E402

TECHNOLOGIES = (
    "Solar water pumping", "Biogas digesters", "Drip irrigation", "Improved cookstoves", "Small hydropower",
    "Wastewater reuse", "Wind power forecasting", "Battery storage", "Geothermal heat", "Drought-tolerant seed",
    "Electric buses", "Methane capture from landfill", "Cold chains without HFCs", "Coastal early warning",
    "Mini-grids", "Rainwater harvesting", "Industrial heat recovery", "Low-carbon cement", "Membrane desalination",
    "Precision fertiliser use",
)
# The sector of each, for an agency that declares it.
SECTORS = dict(zip(TECHNOLOGIES, (
    "water", "energy-supply", "agriculture", "energy-efficiency", "energy-supply", "water", "energy-supply",
    "energy-supply", "energy-supply", "agriculture", "transport", "waste-pollution", "industry", "disaster-risk",
    "energy-supply", "water", "energy-efficiency", "industry", "water", "agriculture",
)))
COUNTRIES = (
    "Kenya", "Viet Nam", "Peru", "Nepal", "Senegal", "Jordan", "Fiji", "Bolivia (Plurinational State of)", "Ghana",
    "Bangladesh", "Morocco", "Rwanda", "Colombia", "Uzbekistan", "Lao People's Democratic Republic", "Samoa",
)
PEOPLE = (
    "Otieno, Grace", "Nguyen, Thi Lan", "García Márquez, Lucía", "Sharma, Bishnu", "Diop, Awa", "Haddad, Rania",
    "Weber, Anna", "Tanaka, Kenji", "Okafor, Chidi", "Müller, Jörg", "Ivanova, Olga", "Rahman, Farida",
)
WORDS = {
    "en": "{t} in {c}: {k}", "fr": "{t} – {c} : {k}", "es": "{t} en {c}: {k}",
}
REPORTS = {
    "en": ("lessons from the field", "a market study", "an economic appraisal", "guidelines", "final report"),
    "fr": ("enseignements tirés", "étude de marché", "rapport final"),
    "es": ("lecciones aprendidas", "estudio de mercado", "informe final"),
}


def title(rng, lang="en"):
    t, c = rng.choice(TECHNOLOGIES), rng.choice(COUNTRIES)
    return WORDS[lang].format(t=t, c=c, k=rng.choice(REPORTS[lang])), t, c


def make(seed, n, identifier, fields, sets=(), first=2012, forms=()):
    """n records spread over the years since `first`; `fields` makes the
    oai_dc fields of the i-th; `forms`, prefix → function of (fields, i,
    datestamp), has further formats of it."""
    rng = random.Random(seed)
    start, end = (first - 1970) * 31557600, 1780000000
    out = []
    for i in range(n):
        at = start + (end - start) * i // n + rng.randrange(3600)
        s = [x for x in sets if rng.random() < 0.4] or list(sets[:1])
        f = fields(rng, i)
        out.append(Record(identifier % (1000 + i), iso(at), dc(**f), tuple(s),
                          forms={prefix: form(f, i, iso(at)) for prefix, form in dict(forms).items()}))
    return out


def report(publisher, url, kinds=("Report",), langs=("en",)):
    """A publication, as a repository would describe it."""

    def fields(rng, i):
        lang = rng.choice(langs)
        text, technology, country = title(rng, lang)
        year = 2008 + rng.randrange(17)
        return {
            "title": text,
            "creator": rng.sample(PEOPLE, rng.randrange(1, 4)),
            "publisher": publisher,
            "date": [str(year), "%d-0%d-1%dT09:30:00Z" % (year + 1, rng.randrange(1, 9), rng.randrange(9))],
            "type": rng.choice(kinds),
            "language": lang,
            "subject": [technology, "Climate change mitigation"],
            "coverage": country,
            "description": "What was learned about %s, with costs and conditions in %s." % (
                technology[0].lower() + technology[1:], country),
            "identifier": [url % (1000 + i), "https://doi.org/10.5555/%s.%d" % (publisher.split()[0].lower(), i)],
            "rights": "http://creativecommons.org/licenses/by/3.0/igo/",
        }

    return fields


def jointly(fields, theirs, every=30):
    """Of `fields` every 30th is a report that another agency published with
    them: `theirs` as that one describes it, at an address of one's own."""

    def joint(rng, i):
        f = fields(rng, i)
        n, rest = divmod(i, every)
        if rest != every // 2 or n >= len(theirs):
            return f
        other = theirs[n]
        return {**other, "publisher": f["publisher"], "identifier": [f["identifier"][0], *other["identifier"][1:]]}

    return joint


def offer(publisher, url):
    """A technology that somebody is ready to transfer."""

    def fields(rng, i):
        t, c = rng.choice(TECHNOLOGIES), rng.choice(COUNTRIES)
        return {
            "title": "%s, ready for transfer" % t,
            "publisher": publisher,
            "type": "Technology offer",
            "subject": [t],
            "coverage": c,
            "language": "en",
            "description": "Proven in %s; partners are sought for licensing and local manufacture." % c,
            "identifier": url % i,
            "date": "20%02d-%02d" % (rng.randrange(15, 26), rng.randrange(1, 13)),
        }

    return fields


def agencies():
    """(source's name, agency, kind, further keys, repository)"""
    bank = report("World Bank", "http://hdl.handle.net/10986/%d", langs=("en", "en", "fr", "es"))
    seen = []  # what it publishes, for those that publish some of it, too

    def of_bank(rng, i):
        seen.append(bank(rng, i))
        return seen[-1]

    r = make(1, 460, "oai:okr.example.org:10986/%d", of_bank, ("com_10986_1", "com_10986_2", "col_10986_7"),
             forms={"xoai": lambda f, i, at: xoai(f, "okr.example.org", "10986/%d" % (1000 + i), at)})
    okr = Repository("okr", r, page_size=100, deleted="transient", formats=("oai_dc", "xoai"),
                     title="Open Knowledge (sample of DSpace 7)")
    for x in r[::37]:
        okr.delete(x.identifier, x.datestamp)
    yield "worldbank-okr", "World Bank", "publication", {"format": "xoai"}, okr

    r = make(2, 620, "oai:undl.example.org:%d", report("United Nations", "https://undl.example.org/record/%d",
             ("Documents and Publications", "Reports"), ("en", "fr", "es")), (), 2019,
             forms={"marcxml": lambda f, i, at: marcxml(f, 3900000 + i, "A/%d/%d" % (74 + i // 90, 100 + i))})
    undl = Repository("undl", r, page_size=200, deleted="no", token="opaque", gzip=True, formats=("marcxml", "oai_dc"),
                      title="Digital Library (sample of Invenio)")
    undl.on(lambda q: q.verb == "ListRecords" and q.page == 2, Reply(503, b"busy", {"Retry-After": "1"}), times=1)
    yield "un-digital-library", "United Nations Secretariat", "publication", {"format": "marcxml", "window": "month"}, undl

    r = make(3, 240, "oai:unido.example.org:%d", report("UNIDO", "https://unido.example.org/%d", ("Book", "Article")),
             ("subject:energy", "subject:industry"))
    unido = Repository("unido", r, page_size=50, granularity="day", token="special",
                       title="Open Data Platform (sample of EPrints)")
    for x in r[::20]:
        unido.delete(x.identifier, x.datestamp)
    yield "unido-eprints", "UNIDO", "publication", {}, unido

    r = make(4, 180, "oai:wedocs.example.org:20.500.11822/%d", jointly(report("UNEP", "https://wedocs.example.org/%d",
             ("Publications", "Technical report")), seen[40:440:80]),
             forms={"xoai": lambda f, i, at: xoai(f, "wedocs.example.org", "20.500.11822/%d" % (1000 + i), at)})
    unep = Repository("wedocs", r, page_size=60, formats=("oai_dc", "xoai"), title="WeDocs (sample of DSpace 5)")
    unep.on(lambda q: q.verb == "ListRecords" and q.page == 1,
            lambda q, body: b"\n<br />\n<b>Notice</b>: Undefined index in <b>oai.php</b> on line <b>7</b>\n" + body)
    yield "unep-wedocs", "UNEP", "publication", {"format": "xoai"}, unep

    r = make(5, 90, "ctcn-%d", lambda rng, i: {
        "title": "Technical assistance: %s for %s" % (rng.choice(TECHNOLOGIES).lower(), rng.choice(COUNTRIES)),
        "type": "Technical assistance", "publisher": "CTCN", "date": "20%02d" % rng.randrange(14, 26),
        "identifier": "https://ctcn.example.org/ta/%d" % i, "language": "en"})
    r[7].metadata = r[7].metadata.replace("assistance", "assist\x0bance", 1)
    r[11].metadata = r[11].metadata.replace("</dc:title>", "</dc:titel>", 1)
    ctcn = Repository("ctcn", r, page_size=30, token="constant", list_size=False, deleted="no",
                      title="Technical assistance (sample of a hand-written script)")
    yield "ctcn-assistance", "CTCN", "technical-assistance", {}, ctcn

    r = make(6, 150, "oai:wipogreen.example.org:offer/%d", offer("WIPO GREEN", "https://wipogreen.example.org/offer/%d"),
             ("kind:technology-offer",), 2016)
    green = Repository("wipo-green", r, page_size=40, gzip=True, title="WIPO GREEN (sample of a feed profile as sets)")
    yield "wipo-green", "WIPO", "technology-offer", {"sets": "kind:technology-offer"}, green

    r = make(7, 70, "oai:itu.example.org:R-%d", report("ITU", "https://itu.example.org/rec/%d", ("Recommendation",)))
    itu = Repository("itu", r, page_size=25, prefix="oai:", title="Recommendations (sample with prefixed namespaces)")
    yield "itu-recommendations", "ITU", "standards-regulation", {}, itu


def apctt():
    """A centre without a repository: all of its offers in one file."""
    r = make(8, 40, "oai:apctt.example.org:offer/%d", offer("APCTT", "https://apctt.example.org/offers/%d"),
             ("kind:technology-offer",), 2023)
    for x in r:
        sector = next(s for t, s in SECTORS.items() if t in x.metadata)
        x.sets = ("kind:technology-offer", "sector:%s" % sector, "country:available:142")
    return StaticRepository("apctt", r, title="Technology offers (sample of a static repository)")


def write_conf(where, name, agency, keys, title, seen):
    """`seen` has the agencies that stand in a file already."""
    code = name.split("-")[0]
    with open(os.path.join(where, name + ".conf"), "w") as f:
        f.write("# %s\n" % title)
        if code not in seen:
            f.write("[agency %s]\nname = %s\n\n" % (code, agency))
            seen.add(code)
        f.write("[source %s]\nagency = %s\n" % (name, code))
        f.write("".join("%s = %s\n" % kv for kv in keys.items() if kv[1]) + "allow_private = yes\n")


def sources(server):
    """Mounts them all: (name, agency, keys, title, how many records)"""
    for name, agency, kind, more, repo in agencies():
        server.mount(repo)
        keys = {"protocol": "oai-pmh", "url": repo.base_url, "format": "oai_dc", "kind": kind, **more}
        yield name, agency, keys, repo.title, len(repo.records)
    for name, agency, kind, more, feed, path in feeds():
        server.mount(feed, path)
        yield name, agency, {"protocol": "feed", "url": feed.base_url, "kind": kind, **more}, feed.title, len(feed.items)
    offers = apctt()
    server.mount(offers, "/apctt/offers.xml")
    yield ("apctt-offers", "APCTT", {"protocol": "oai-static", "url": offers.base_url, "format": "oai_dc",
                                      "covers": "kind:technology-offer country:available:142"}, offers.title,
           len(offers.records))


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--port", type=int, default=0)
    ap.add_argument("--conf", metavar="DIR")
    ap.add_argument("--ready", metavar="FILE")
    o = ap.parse_args()
    server = Server(o.port)
    seen = set()
    for name, agency, keys, title, count in sources(server):
        if o.conf:
            write_conf(o.conf, name, agency, keys, title, seen)
        print("%-20s %4d %-7s  %s" % (name, count, "items" if keys["protocol"] == "feed" else "records", keys["url"]),
              flush=True)
    if o.ready:
        with open(o.ready, "w") as f:
            f.write("%d\n" % server.port)
    stop = threading.Event()
    for s in (signal.SIGTERM, signal.SIGINT):
        signal.signal(s, lambda *a: stop.set())
    stop.wait()
    server.stop()


if __name__ == "__main__":
    main()
