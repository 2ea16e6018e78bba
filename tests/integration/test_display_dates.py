"""Dates as cataloguers wrote them (Calisphere's collections, by way of
ucldc/rikolti), each as a dc:date through `sheafctl parse`, compared with the
begin and end that the California Digital Library gave it.

A date is right where begin and end say the same as far as both of them say
it: 1970 is right for 1970-03-01 to 1970-05-31.  What has no begin and end
there is not counted.  The share may not fall below FLOOR; `pytest -s` prints
what is not right.
"""

import json
import os
import subprocess
from xml.sax.saxutils import escape

from nouns import BUILD

FLOOR = 98  # of a hundred

# Begins and ends that the words themselves do not say.
DISAGREEMENTS = {
    "1960s": "the collection is of 1963 to 1965",
    "circa 1970": "given as 1971",
    "circa 1980": "five years to both sides",
    "circa 1985": "five years to both sides",
    "circa 1982": "to the next year",
    "May 30 (year unknown)": "the decade is the collection's",
}
PAGE = """<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><responseDate>2026-11-01T00:00:00Z</responseDate>
<request verb="ListRecords" metadataPrefix="oai_dc">http://example.org/oai</request><ListRecords>%s</ListRecords></OAI-PMH>"""
RECORD = """<record><header><identifier>oai:example.org:%d</identifier><datestamp>2026-11-01</datestamp></header><metadata>
<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:date>%s</dc:date></oai_dc:dc></metadata></record>"""


def read(displays):
    """The first date of each, as the record model has it."""
    page = PAGE % "".join(RECORD % (i, escape(d)) for i, d in enumerate(displays))
    done = subprocess.run([os.path.join(BUILD, "sheafctl"), "parse", "-"], input=page.encode(), stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, timeout=60, check=True, env={**os.environ, "SHEAF_LIBEXEC": BUILD})
    records = [json.loads(x) for x in done.stdout.decode().splitlines()]
    return [r["dates"][0] for r in records if r["type"] == "record"]


def same(ours, theirs):
    n = min(len(ours), len(theirs))
    return n >= 4 and ours[:n] == theirs[:n]


def test_display_dates(shared):
    with open(os.path.join(shared, "fixtures", "dates", "ucldc+rikolti", "display_dates.json"), encoding="utf-8") as f:
        rows = [r for r in json.load(f)["rows"] if r["display"]]
    dates = read([r["display"] for r in rows])
    assert len(dates) == len(rows)
    good = bad = 0
    for row, date in zip(rows, dates):
        assert date.get("value") or date["text"] == row["display"], "what is not understood keeps its text"
        if not row["begin"] or row["display"] in DISAGREEMENTS:
            continue
        value = date.get("value", "")
        if same(value, row["begin"]) and (not row["end"] or same(date.get("until", value), row["end"])):
            good += 1
        else:
            bad += 1
            print("%(display)s: %(begin)s to %(end)s" % row, "became", date)
    print("%d of %d display dates" % (good, good + bad))
    assert good * 100 >= FLOOR * (good + bad)
