"""A publication in the formats that its platform would give: what DSpace calls
xoai, and MARC 21 as the UN Digital Library fills it. Both take the fields of
oai_dc, as agencies.py makes them."""

import re
from xml.sax.saxutils import escape, quoteattr

LANGUAGES = {"en": ("eng", "English"), "fr": ("fre", "Français"), "es": ("spa", "Español")}


def many(value):
    return value if isinstance(value, (list, tuple)) else [value]


# --- xoai ---
def field(name, value):
    return "<field name=%s>%s</field>" % (quoteattr(name), escape(str(value)))


def element(name, *inner):
    return "<element name=%s>%s</element>" % (quoteattr(name), "".join(inner))


def values(name, texts, lang="none"):
    """dc.name or dc.name.qualifier, its values under their language."""
    inner = element(lang, *(field("value", t) for t in many(texts)))
    for part in reversed(name.split(".")):
        inner = element(part, inner)
    return inner


def merged(*elements):
    """Elements of one name become one, as DSpace writes them."""
    inside = {}
    for e in elements:
        name, inner = re.fullmatch(r'<element name="([^"]*)">(.*)</element>', e, re.S).groups()
        inside.setdefault(name, []).append(inner)
    return "".join(element(name, *inner) for name, inner in inside.items())


def bitstream(name, url, media_type, size):
    return element("bitstream", field("name", name), field("originalName", name), field("format", media_type),
                   field("size", size), field("url", url), field("sid", 1))


def xoai(f, host, handle, modified):
    """`host` serves the files, `handle` names the thing."""
    lang = f["language"]
    issued, accessioned = f["date"]
    pdf = "https://%s/server/api/core/bitstreams/%s/content" % (host, handle.replace("/", "-"))
    dc = merged(
        element("contributor", values("author", f["creator"])),
        element("date", values("accessioned", accessioned)),
        element("date", values("available", accessioned)),
        element("date", values("issued", issued)),
        element("identifier", values("uri", f["identifier"][0])),
        element("identifier", values("doi", f["identifier"][1])),
        element("description", values("abstract", f["description"], "en")),
        element("language", values("iso", lang)),
        element("publisher", element("none", field("value", f["publisher"]))),
        element("rights", values("uri", f["rights"])),
        element("coverage", values("spatial", f["coverage"])),
        values("subject", f["subject"], lang),
        values("title", f["title"], lang),
        values("type", f["type"], lang),
    )
    bundle = element("bundle", field("name", "ORIGINAL"),
                     element("bitstreams", bitstream("report.pdf", pdf, "application/pdf", 1048576)))
    return ('<metadata xmlns="http://www.lyncode.com/xoai" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
            + element("dc", dc) + element("bundles", bundle)
            + element("others", field("handle", handle), field("identifier", "oai:%s:%s" % (host, handle)),
                      field("lastModifyDate", max(modified, accessioned).replace("T", " ").replace("Z", ".0")))
            + element("repository", field("name", host), field("mail", "admin@" + host)) + "</metadata>")


# --- MARC 21 ---
def datafield(tag, *subfields, ind=" "):
    return '<datafield tag="%s" ind1=%s ind2=" ">%s</datafield>' % (
        tag, quoteattr(ind), "".join('<subfield code="%s">%s</subfield>' % (c, escape(str(t))) for c, t in subfields))


def marcxml(f, number, symbol):
    """The fields of a document of the United Nations: 191 its symbol, 269 its
    date, 650 terms of UNBIS in capitals, 856 a file for each language."""
    lang = f["language"]
    code, name = LANGUAGES[lang]
    title, _, rest = f["title"].partition(": ")
    issued = f["date"][1][:10]
    out = [
        "<leader>00000nam a2200000   4500</leader>",
        '<controlfield tag="001">%d</controlfield>' % number,
        '<controlfield tag="005">%s000000.0</controlfield>' % issued.replace("-", ""),
        datafield("041", ("a", code)),
        datafield("089", ("b", f["type"])),
        datafield("191", ("a", symbol)),
        datafield("245", ("a", title + " : "), ("b", rest), ind="1"),
        datafield("260", ("a", "New York :"), ("b", f["publisher"] + ","), ("c", issued[:4])),
        datafield("269", ("a", issued)),
        datafield("520", ("a", f["description"])),
        datafield("540", ("a", "Open access"), ("u", f["rights"])),
    ]
    out += [datafield("650", ("a", s.upper()), ("2", "unbist"), ind="1") for s in many(f["subject"])]
    out.append(datafield("651", ("a", f["coverage"].upper()), ("2", "unbist")))
    out += [datafield("700", ("a", c), ind="1") for c in many(f["creator"])]
    out.append(datafield("710", ("a", f["publisher"] + ". Secretariat"), ind="2"))
    out.append(datafield("856", ("u", "%s/files/%s-%s.pdf" % (f["identifier"][0], symbol.replace("/", "_"), lang.upper())),
                         ("y", name), ind="4"))
    return '<record xmlns="http://www.loc.gov/MARC21/slim">%s</record>' % "".join(out)
