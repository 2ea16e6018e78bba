#!/usr/bin/python3
"""A table of records as agencies would offer them: an OAI static repository for
each of its sources, to be harvested with `protocol = oai-static`.

    registrycsv.py RECORDS.csv DIRECTORY [--ways WAY,...]

writes DIRECTORY/SOURCE.xml and DIRECTORY/sources.conf, the sections that read
them (of the agency `test`).  The table has a first line with the names of its
columns: id, source, title, creators ("; " between), year, venue, type, lang,
identifiers ("; " between), url; all but id and source may be missing or empty.
A record's OAI identifier is its id.

Agencies do not agree where to say what a thing stands in, so the sources take
turns among the WAYs to say it:

    source      dc:source
    publisher   dc:publisher
    part-of     dcterms:isPartOf, which is qualified Dublin Core
    relation    dc:relation
"""

import csv
import itertools
import os
import re
import sys
from xml.sax.saxutils import escape

from oaiserver import Record
from staticrepo import StaticRepository, write

WAYS = ("source", "publisher", "part-of")  # and relation, when asked for
VENUE = {"source": "dc:source", "publisher": "dc:publisher", "part-of": "dcterms:isPartOf", "relation": "dc:relation"}
DATESTAMP = "2024-01-01"
NAMESPACES = ('xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:qdc="http://dspace.org/qualifieddc/" '
              'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/"')
NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def prefix_of(way):
    return "qdc" if way == "part-of" else "oai_dc"


def parts(text):
    return [p.strip() for p in text.split("; ") if p.strip()]


def element(row, way):
    """The record's metadata."""
    values = [("dc:title", row.get("title"))]
    values += [("dc:creator", name) for name in parts(row.get("creators") or "")]
    values += [(VENUE[way], row.get("venue")), ("dc:date", row.get("year")), ("dc:type", row.get("type")),
               ("dc:language", row.get("lang"))]
    values += [("dc:identifier", i) for i in parts(row.get("identifiers") or "")]
    values += [("dc:identifier", row.get("url"))]
    root = "qdc:qualifieddc" if way == "part-of" else "oai_dc:dc"
    inside = "".join("<%s>%s</%s>" % (name, escape(NO_XML.sub("", value)), name) for name, value in values if value)
    return "<%s %s>%s</%s>" % (root, NAMESPACES, inside, root)


def read(path):
    """The rows, as dictionaries."""
    csv.field_size_limit(1 << 30)
    with open(path, newline="", encoding="utf-8") as f:
        return list(csv.DictReader(f))


def repositories(rows, ways=WAYS):
    """name → (StaticRepository, metadataPrefix); which way a source goes is its own, whatever order the rows come in."""
    way = dict(zip(sorted({row["source"] for row in rows}), itertools.cycle(ways)))
    out = {}
    for name in way:
        out[name] = StaticRepository(name), prefix_of(way[name])
        out[name][0].lists = {prefix_of(way[name]): []}
    for row in rows:
        name = row["source"]
        out[name][0].records.append(Record(row["id"], DATESTAMP, element(row, way[name])))
    return out


def section(name, path, prefix, **keys):
    """The [source] that reads the file."""
    keys = {"agency": "test", "protocol": "oai-static", "url": "file://" + os.path.abspath(path), "format": prefix,
            "grace": "0", "max_delete": "100 %", "max_change": "100 %", **keys}
    return "[source %s]\n%s\n" % (name, "".join("%s = %s\n" % kv for kv in keys.items()))


def put(rows, folder, ways=WAYS, **keys):
    """Writes the files; returns their sections."""
    sections = []
    for name, (repo, prefix) in repositories(rows, ways).items():
        path = os.path.join(folder, name + ".xml")
        write(path, repo.body())
        sections.append(section(name, path, prefix, **keys))
    return sections


def main(argv):
    ways = WAYS
    if "--ways" in argv:
        at = argv.index("--ways")
        ways = tuple(argv[at + 1].split(",")) if at + 1 < len(argv) else ()
        del argv[at : at + 2]
    if len(argv) != 2 or not ways or any(w not in VENUE for w in ways):
        sys.exit(__doc__)
    os.makedirs(argv[1], exist_ok=True)
    sections = put(read(argv[0]), argv[1], ways)
    write(os.path.join(argv[1], "sources.conf"), "[agency test]\nname = Test agency\n\n" + "\n".join(sections))


if __name__ == "__main__":
    main(sys.argv[1:])
