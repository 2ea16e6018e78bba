"""A registry of any size without a harvest: rows of sheaf.composed and of the
values of entries, as sheaf-resolve writes them, and all of them in the queue of
what is to be indexed.

    words = fill(connection, 900000)

Words have a Zipf distribution (the word of rank r is 1/r as frequent as the
first), languages are in four scripts, and a seed makes the same registry again.
"""

import datetime
import io
import json
import random

LANGUAGES = {  # share, syllables, endings
    "en": (50, "ba ca de fo gi lu me no pa ra se ti vo wa".split(), ["tion", "ing", "er", "", "ment", "s", "al"]),
    "fr": (12, "bé ca dé fou ge lu mè no pa ré se ti vo chi".split(), ["tion", "ement", "eur", "", "s", "ique"]),
    "es": (10, "ba ca de fo gi lu me ño pa rá se ti vo lla".split(), ["ción", "mente", "dor", "", "s", "ico"]),
    "pt": (3, "ba ca de fo gi lu me nho pa rá se ti vo lha".split(), ["ção", "mente", "dor", "", "s", "ico"]),
    "ru": (8, "ба ва ги до же зу ко ле ми но па ре се ты".split(), ["ция", "ение", "ость", "", "ами", "ский"]),
    "ar": (6, "با تو سي دم رن كل مو نا هي وق حر شم عل فا".split(), ["ات", "ين", "ة", "", "ية", "ون"]),
    "sw": (3, "ba cha da fu gi ku ma ni pa ra sha ti wa zo".split(), ["", "ni", "sha"]),
    "zh": (8, None, None),
}
KINDS = [("publication", "knowledge"), ("dataset", "knowledge"), ("event", "activity"), ("project", "activity"),
         ("technology-offer", "offer"), ("technology-need", "need"), ("organisation", "actor"), ("news", "knowledge")]
WORDS = 30000


class Words:
    """The words of a language, the most frequent first, and texts of them."""

    def __init__(self, lang, rng):
        _, syllables, endings = LANGUAGES[lang]
        seen, self.list, self.lang = set(), [], lang
        while len(self.list) < WORDS:
            if syllables is None:
                word = chr(0x4E00 + rng.randrange(2500)) + chr(0x4E00 + rng.randrange(2500))
            else:
                word = "".join(rng.choices(syllables, k=2 + (len(self.list) > 200) + (len(self.list) > 3000))) + rng.choice(endings)
            if word not in seen:
                seen.add(word)
                self.list.append(word)
        # Drawn from a pool, which costs less than from a distribution.
        self.pool = [self.list[int(WORDS ** rng.random()) - 1] for _ in range(300000)]
        self.space = "" if syllables is None else " "

    def text(self, rng, n):
        drawn = rng.choices(self.pool, k=n)
        if self.space:
            return " ".join(drawn)
        return "".join(w + ("，" if i % 5 == 4 else "") for i, w in enumerate(drawn))


class Tables:
    """COPY into several tables, a part at a time."""

    def __init__(self, connection):
        self.connection, self.parts = connection, {}

    def add(self, table, *values):
        self.parts.setdefault(table, []).append("\t".join("\\N" if v is None else str(v) for v in values))

    def flush(self):
        with self.connection.cursor() as c:
            for table, lines in self.parts.items():
                c.copy_expert("copy sheaf.%s from stdin" % table, io.StringIO("\n".join(lines) + "\n"))
        self.parts = {}


def array(values):
    return "{" + ",".join(values) + "}"


COMPOSED = ("composed (entry_no, entry_id, digest, record_count, issued, first_seen, updated_at, deadline, kind, family, status,"
            " title, title_lang, abstract, languages, countries, sectors, sdgs, agencies, sources, origins)")


def entry(t, rng, no, words, codes, when):
    lang = rng.choices(list(words), [LANGUAGES[x][0] for x in words])[0]
    w = words[lang]
    kind, family = KINDS[min(int(rng.expovariate(0.6)), 7)]
    title = w.text(rng, rng.randint(5, 11))
    abstract = w.text(rng, rng.randint(40, 130)) if rng.random() < 0.7 else None
    countries = rng.sample(codes["country"], rng.choice((0, 1, 1, 2)))
    sectors = rng.sample(codes["sector"], rng.choice((0, 1, 1, 2)))
    sdgs = rng.sample(codes["sdg"], rng.choice((0, 0, 1, 2)))
    agency = "agency%02d" % min(int(rng.expovariate(0.15)), 29)
    year = 2026 - min(int(rng.expovariate(0.12)), 60)
    issued = "%d-01-01" % year if rng.random() < 0.4 else "%d-%02d-%02d" % (year, rng.randint(1, 11), rng.randint(1, 28))
    need = family in ("need", "offer") or kind == "event"
    deadline = when + datetime.timedelta(days=rng.randint(-300, 300)) if need and rng.random() < 0.5 else None
    t.add(COMPOSED, no, "%032x" % no, "\\\\x%02x" % (no & 255), 1, issued, when, when, deadline, kind, family,
          rng.choice(("open", "closed", None)) if need else None, title, lang, abstract, array([lang]), array(countries), array(sectors),
          array(sdgs), array([agency]), array(["s-" + agency]), json.dumps({}))
    t.add("entry_title (entry_no, record_id, n, text, lang)", no, no, 1, title, lang)
    if abstract:
        t.add("entry_abstract (entry_no, record_id, n, text, lang)", no, no, 1, abstract, lang)
    for n in range(rng.randint(0, 5)):
        t.add("entry_subject (entry_no, record_id, n, text, lang)", no, no, n + 1, w.text(rng, rng.randint(1, 2)), lang)
    for n in range(rng.randint(1, 3)):
        t.add("entry_agent (entry_no, record_id, n, name, role)", no, no, n + 1, words["en"].text(rng, 2).title(), "author")
    t.add("entry_identifier (entry_no, record_id, n, scheme, value)", no, no, 1, "doi", "10.5555/%d.%d" % (no % 97, no))
    role, n = rng.choice(("about", "target", "available")), 0
    for axis, values in (("country", countries), ("sector", sectors), ("sdg", sdgs), ("language", [lang])):
        for code in values:
            n += 1
            t.add("entry_code (entry_no, record_id, n, axis, code, role, basis)", no, no, n, axis, code,
                  role if axis == "country" else None, "declared")


def fill(connection, n, seed=1, first=1, queue=5000):
    """Adds n entries, numbers from `first`; gives the words by language."""
    rng = random.Random(seed)
    words = {lang: Words(lang, rng) for lang in LANGUAGES}
    with connection.cursor() as c:
        codes = {}
        for scheme in ("country", "sector", "sdg"):
            c.execute("select code from sheaf.vocabulary where scheme = %s and code !~ '^00' order by code", (scheme,))
            codes[scheme] = [row[0] for row in c.fetchall()]
    t, start = Tables(connection), datetime.datetime(2026, 11, 1, tzinfo=datetime.timezone.utc)
    for no in range(first, first + n):
        entry(t, rng, no, words, codes, start + datetime.timedelta(seconds=(no // 1000)))
        if (no - first) % 5000 == 4999 or no == first + n - 1:
            t.flush()
    with connection.cursor() as c:
        c.execute("select sheaf.index_later(nos) from (select array_agg(n) as nos from generate_series(%s::bigint, %s) n group by (n - %s) / %s"
                  " order by (n - %s) / %s) x", (first, first + n - 1, first, queue, first, queue))
        c.execute("select setval(pg_get_serial_sequence('sheaf.composed', 'entry_no'), (select max(entry_no) from sheaf.composed))")
    return words
