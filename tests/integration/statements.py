"""What a metadata record states, for test_crosswalks.py: read by Python's own
XML parser and by hand-written paths of a few lines a format, so that it shares
nothing with Sheaf but the tables of words.

    read(element) → Statement

A statement holds only what needs no judgement: titles anywhere (of the thing
itself, not of what it stands in), the years that would be right, DOIs and
handles in whatever dressing, languages and types that the tables know.
"""

import datetime
import os
import re
import unicodedata
import urllib.parse

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
VOCAB = os.path.join(TOP, "conf", "vocab")
THIS_YEAR = datetime.date.today().year


class Statement:
    def __init__(self, form):
        self.form = form  # the row of the score
        self.titles, self.types, self.agents = [], [], []
        self.years, self.dois, self.handles, self.languages = set(), set(), set(), set()


# --- words ---

def key(text):
    text = unicodedata.normalize("NFKC", text).casefold()
    text = re.sub(r"^https?://(www\.)?", "", re.sub(r"[\x80-\x9f]", "", text))
    return " ".join("".join(c if c.isalnum() or unicodedata.category(c)[0] == "M" else " " for c in text).split())


def rows(name):
    with open(os.path.join(VOCAB, name), encoding="utf-8") as f:
        return [line.rstrip("\n").split("\t") for line in f if line.strip() and not line.startswith("#")][1:]


LANGUAGES = {key(term): code for _, _, term, code in rows("language-terms.tsv")}
for row in rows("languages.tsv"):
    if row[0] == "language":
        LANGUAGES[key(row[1])] = row[1]
        LANGUAGES.setdefault(key(row[3]), row[1])
KINDS = {}
for _, scheme, term, code in rows("kind-terms.tsv"):
    KINDS.setdefault(scheme, {})[key(term)] = code
for row in rows("kinds.tsv"):
    if row[0] == "kind":
        KINDS.setdefault("label", {})[key(row[3])] = row[1]
ADDRESSES = [(key(term), code) for _, _, term, code in rows("prefixes.tsv")]
WORDS = {**KINDS["vague"], **KINDS["label"]}


def language(text):
    """The language of a code, a locale or a name; None where the tables have none."""
    text = text.strip()
    if text.lower() in ("und", "mul", "zxx", "mis", ""):
        return None
    code = LANGUAGES.get(key(text))
    if code is None and re.fullmatch(r"[A-Za-z]{2,3}[-_][A-Za-z0-9-_@.]+", text):
        code = LANGUAGES.get(text[:re.search("[-_]", text).start()].lower())
    return code.split("-")[0] if code else None


def languages(texts):
    parts = [p for t in texts for p in re.split(r"[;,|/]" if "://" not in t else ";", t)]
    return {code for code in map(language, parts) if code}


def is_known_type(text):
    if key(text) in WORDS:
        return True
    for prefix, scheme in ADDRESSES:
        local = re.split(r"[/#]", text.strip())[-1]
        if key(text).startswith(prefix) and key(local) in {**KINDS.get(scheme, {}), **KINDS["vague"]}:
            return True
    return False


def year_of(text):
    """The one year that the text says, or where it is a span its first."""
    text = text.strip()
    m = re.match(r"[\[(]?\s*(?:ca?\.?|circa|cop\.|©|copyright)?\s*(\d{4})(?!\d)", text, re.I) or re.match(r"(\d{4})[01]\d[0-3]\d(?:\D|$)", text)
    if m is None:
        found = set(re.findall(r"(?<![\d.:])(1\d{3}|20\d\d)(?![\d.:])", text))
        if len(found) != 1 or len(text) > 60:
            return None
        year = int(found.pop())
    else:
        year = int(m[1])
    return year if 1000 <= year <= THIS_YEAR + 1 else None


def years(texts):
    return {y for y in map(year_of, texts) if y}


def doi_of(text):
    text = text.strip()
    m = re.match(r"(?:(?:https?://)?(?:www\.)?(?:dx\.)?doi\.org/(?:doi:)?|info:doi/|urn:doi:|doi[: ]\s*)*(10\.\d{4,9}(?:\.\d+)*(?:/|%2f).+)$", text, re.I)
    if m is None:
        return None
    value = urllib.parse.unquote(m[1]).split()[0].strip('"').rstrip(".,;").lower()
    return value if not value.endswith("/") else None


def handle_of(text):
    m = re.match(r"(?:https?://(?:www\.)?(?:hdl\.)?handle\.net/|info:hdl/|urn:hdl:|hdl:|handle:\s*)(?:hdl:)?([\d.]+/[^\s?#]+)", text.strip(), re.I)
    # 123456789 is what every DSpace writes that has no prefix of its own.
    return urllib.parse.unquote(m[1]).rstrip(".,;/") if m and not m[1].startswith("123456789/") else None


# --- elements ---

def local(element):
    return element.tag.split("}")[-1] if isinstance(element.tag, str) else ""


def text_of(element):
    return " ".join("".join(element.itertext()).split())


def below(element, *names, outside=()):
    """All elements of these names below the element, but not inside of others."""
    found = []
    for child in element:
        if not isinstance(child.tag, str) or local(child) in outside:
            continue
        if local(child) in names:
            found.append(child)
        found += below(child, *names, outside=outside)
    return found


def texts(element, *names, outside=()):
    return [t for t in (text_of(e) for e in below(element, *names, outside=outside)) if t]


def path(element, *names):
    """The elements at a path of names from the element on."""
    found = [element]
    for name in names:
        found = [c for e in found for c in e if local(c) == name]
    return found


def path_texts(element, *names):
    return [t for t in (text_of(e) for e in path(element, *names)) if t]


def take_ids(s, values):
    s.dois |= {d for d in map(doi_of, values) if d}
    s.handles |= {h for h in map(handle_of, values) if h}


PLACEHOLDERS = {"", "-", "n a", "todo", "none", "null", "unknown", "no title", "untitled"}


def is_said(text):
    return key(text) not in PLACEHOLDERS


# --- formats ---

def dublin_core(s, m):
    s.titles = texts(m, "title", "alternative", "titleOfWork", "titleOfExpression")
    stated = [t for t in texts(m, "issued") if year_of(t)]
    dates = [t for t in texts(m, "date") if "embargoEnd" not in t]
    # Several without a label: the earliest; those with a time of day are DSpace's own.
    for choice in (stated, [d for d in dates if ":" not in d], dates, texts(m, "created")):
        found = {y for y in years(choice) if y <= THIS_YEAR + 1}
        if found:
            s.years = {min(found)} if choice is not stated else found
            break
    take_ids(s, texts(m, "identifier"))
    s.languages = languages(texts(m, "language"))
    s.types = texts(m, "type")
    s.agents = [t for t in texts(m, "creator") if "://" not in t]


def subfields(m, tags, codes, unless=None):
    found = []
    for d in below(m, "datafield"):
        if d.get("tag") in tags and not (unless and unless(d)):
            found += [text_of(f) for f in d if f.get("code") in codes and text_of(f)]
    return found


def controlfield(m, tag):
    return [e.text or "" for e in below(m, "controlfield") if e.get("tag") == tag]


def marc(s, m):
    s.titles = subfields(m, ("245",), "a")
    for choice in (subfields(m, ("264", "260"), "c", lambda d: d.get("tag") == "264" and d.get("ind2") == "4"),
                   subfields(m, ("269",), "ac"), subfields(m, ("264",), "c"), subfields(m, ("046",), "k"),
                   subfields(m, ("773",), "y")):
        s.years |= years(choice)
    if not s.years:
        s.years = years(f[7:11] for f in controlfield(m, "008"))
    take_ids(s, subfields(m, ("024",), "a"))
    take_ids(s, subfields(m, ("856",), "u", lambda d: d.get("ind2") == "2"))
    s.languages = languages(subfields(m, ("041",), "a")) or languages(f[35:38] for f in controlfield(m, "008"))
    s.types = subfields(m, ("655", "980", "336"), "a") + subfields(m, ("089",), "b")
    s.agents = subfields(m, ("100", "110", "111"), "a")


def xoai(s, m):
    def values(*names):
        found = [m] if local(m) == "metadata" else [m]
        for name in names:
            found = [c for e in found for c in e if local(c) == "element" and c.get("name") == name]
        # The value, or the language's element around it; no deeper qualifier.
        return [text_of(f) for e in found for g in [e, *(c for c in e if local(c) == "element")] for f in g
                if local(f) == "field" and f.get("name") == "value" and text_of(f)]

    s.titles = values("dc", "title")
    for choice in (values("dc", "date", "issued"), values("dcterms", "issued"), values("dc", "date")):
        s.years = years(choice)
        if s.years:
            break
    take_ids(s, values("dc", "identifier", "uri") + values("dc", "identifier", "doi") + values("dc", "identifier"))
    s.languages = languages(values("dc", "language", "iso")) or languages(values("dc", "language"))
    s.types = values("dc", "type")
    s.agents = values("dc", "contributor", "author") or values("dc", "creator")


def mods(s, m):
    others = ("relatedItem", "subject")
    s.titles = texts(m, "title", "titleInfo", outside=others)
    for name in ("dateIssued", "copyrightDate", "dateCreated"):
        s.years = s.years or years(texts(m, name, outside=others))
    take_ids(s, texts(m, "identifier", outside=others) + texts(m, "url", outside=others))
    s.languages = languages(texts(m, "languageTerm", outside=("relatedItem", "subject", "recordInfo")))
    s.types = texts(m, "genre", "typeOfResource", outside=others)
    s.agents = texts(m, "namePart", outside=others)


def datacite(s, m):
    s.titles = path_texts(m, "titles", "title")
    s.years = years(path_texts(m, "publicationYear")) or years(path_texts(m, "dates", "date"))
    for e in path(m, "identifier"):
        take_ids(s, [text_of(e)])
    s.languages = languages(path_texts(m, "language"))
    for e in path(m, "resourceType"):
        s.types += [t for t in (e.get("resourceTypeGeneral"), text_of(e)) if t]
    s.agents = path_texts(m, "creators", "creator", "creatorName")


def arxiv(s, m):
    s.titles = path_texts(m, "title")
    s.years = years(path_texts(m, "created")) or years([t for v in path(m, "version") for t in path_texts(v, "date")][:1])
    take_ids(s, path_texts(m, "doi"))


def ddi(s, m):
    def inside(*names):
        return [t for e in below(m, "stdyDscr") for t in path_texts(e, *names)]

    s.titles = inside("citation", "titlStmt", "titl")
    s.years = years([d.get("date") or text_of(d) for e in below(m, "stdyDscr") for d in path(e, "citation", "distStmt", "distDate")])
    s.years |= years([d.get("date") or text_of(d) for e in below(m, "stdyDscr") for d in path(e, "citation", "prodStmt", "prodDate")])
    take_ids(s, inside("citation", "titlStmt", "IDNo"))


def iso19139(s, m):
    for e in path(m, "identificationInfo"):
        for c in below(e, "MD_DataIdentification", "SV_ServiceIdentification"):
            s.titles += path_texts(c, "citation", "CI_Citation", "title")
            s.years |= years(path_texts(c, "citation", "CI_Citation", "date", "CI_Date", "date"))
    s.languages = set()


def dif(s, m):
    s.titles = path_texts(m, "Entry_Title")


def elsewhere(s, m):
    """A format without a reading of its own: titles, where they stand in no other thing."""
    outside = ("relatedItem", "relatedItems", "journal_metadata", "book_series_metadata", "citation_list", "ref-list", "ref",
               "journal-meta", "ReferenceList", "Journal", "relation", "resource_bibliographic_references", "relatedWork",
               "ConceptScheme", "Category", "Organization", "OtherMaterial", "CodeList", "ControlledVocabulary", "back", "body")
    s.titles = texts(m, "title", "Title", "ArticleTitle", "article-title", "Entry_Title", "appellationValue",
                     outside=outside) if local(m) in ("doi_records", "article", "PubmedArticle", "RDF", "untl", "data", "item") else \
        texts(m, "title", "Title", "Entry_Title", "resourceName", "titl", outside=outside)
    take_ids(s, [])


FORMS = (
    ("MARC21/slim", None, "marcxml", marc), ("lyncode.com/xoai", None, "xoai", xoai), ("loc.gov/mods", None, "mods", mods),
    ("loc.gov/METS", None, "mets", mods), ("mpeg21", None, "didl", dublin_core),
    ("datacite.org/schema/kernel", None, "datacite", datacite), ("arxiv.org/OAI/arXiv", None, "arxiv", arxiv),
    ("ddi:codebook", None, "ddi-codebook", ddi), ("ddi:instance", None, "ddi-lifecycle", elsewhere),
    ("isotc211", None, "iso19139", iso19139), ("gcmd", "DIF", "dif", dif), ("clarin.eu/cmd", None, "cmdi", elsewhere),
    ("extensiblecatalog", None, "xc", dublin_core), ("", "qualifieddc", "qdc", dublin_core),
    ("base-search", None, "base_dc", dublin_core), ("OAI/2.0/oai_dc", None, "oai_dc", dublin_core),
    ("untl", None, "untl", elsewhere), ("rdf-syntax", "RDF", "rdf", elsewhere), ("", "doi_records", "crossref", elsewhere),
    ("crossref", None, "crossref", elsewhere), ("", "article", "jats", elsewhere),
)


def read(m):
    """The statement of a metadata element."""
    ns = m.tag[1:].split("}")[0] if m.tag.startswith("{") else ""
    if "oai_datacite" in m.tag:
        inner = below(m, "resource")
        if inner:
            m, ns = inner[0], "datacite.org/schema/kernel"
    for part, name, form, reader in FORMS:
        if part in ns and (name is None or local(m) == name):
            break
    else:
        form, reader = "other", elsewhere
    s = Statement(form)
    reader(s, m)
    s.titles = [t for t in s.titles if is_said(t)]
    s.types = [t for t in s.types if is_known_type(t)]
    s.agents = [a for a in s.agents if is_said(a)]
    return s
