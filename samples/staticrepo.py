"""OAI static repositories for tests and samples: one file that is all of it
("Specification for an OAI Static Repository and an OAI Static Repository
Gateway"), to be written to disk, or served as feedserver.py serves a feed.

    repo = server.mount(StaticRepository("offers", records(20)), "/offers.xml")
    repo.lists["oai_dc"].pop()              # gone from the next answer
    write(path, repo.body())
"""

import os
from datetime import datetime, timezone
from xml.sax.saxutils import escape, quoteattr

from feedserver import Feed
from oaiserver import KNOWN_FORMATS, OAI_NS, Record

STATIC_NS = "http://www.openarchives.org/OAI/2.0/static-repository"


def one_format(prefix):
    schema, ns = KNOWN_FORMATS.get(prefix, ("http://example.org/%s.xsd" % prefix, "http://example.org/%s/" % prefix))
    return ("<metadataFormat><metadataPrefix>%s</metadataPrefix><schema>%s</schema><metadataNamespace>%s"
            "</metadataNamespace></metadataFormat>\n" % (prefix, schema, ns))


def one_record(r):
    day = Record(r.identifier, r.datestamp[:10], "", r.sets, r.deleted)
    inside = "" if r.deleted else "<metadata>%s</metadata>" % r.metadata
    return "<record>%s%s</record>\n" % (day.header, inside)


class StaticRepository(Feed):
    def __init__(self, name, records=(), title=None, **more):
        super().__init__(name, title=title or "Static repository " + name, **more)
        self.lists = {"oai_dc": list(records)}

    @property
    def records(self):
        """Those of the first list."""
        return next(iter(self.lists.values()))

    def body(self, _=None):
        earliest = min((r.datestamp[:10] for r in self.records), default="2000-01-01")
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            "<r:Repository xmlns:r=%s xmlns=%s>\n<r:Identify><repositoryName>%s</repositoryName>"
            "<baseURL>http://gateway.example.org/oai/%s.xml</baseURL><protocolVersion>2.0</protocolVersion>"
            "<adminEmail>admin@example.org</adminEmail><earliestDatestamp>%s</earliestDatestamp>"
            "<deletedRecord>no</deletedRecord><granularity>YYYY-MM-DD</granularity></r:Identify>\n"
            "<r:ListMetadataFormats>%s</r:ListMetadataFormats>\n%s</r:Repository>\n"
        ) % (
            quoteattr(STATIC_NS), quoteattr(OAI_NS), escape(self.title), escape(self.name), earliest,
            "".join(one_format(f) for f in self.lists),
            "".join('<r:ListRecords metadataPrefix="%s">\n%s</r:ListRecords>\n' % (f, "".join(map(one_record, rs)))
                    for f, rs in self.lists.items()),
        )

    def changed_at(self):
        newest = max((r.datestamp[:10] for r in self.records), default="2000-01-01")
        return int(datetime.fromisoformat(newest).replace(tzinfo=timezone.utc).timestamp())

    def media_type(self):
        return "text/xml"


def write(path, text):
    """Puts the file there at once, as a reader of it would wish."""
    with open(path + ".new", "w", encoding="utf-8") as f:
        f.write(text)
    os.chmod(path + ".new", 0o644)
    os.rename(path + ".new", path)
