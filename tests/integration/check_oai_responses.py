#!/usr/bin/env python3
"""Every OAI-PMH answer of ../shared/fixtures/oai-responses through the parser,
compared with what an XML parser of another make (Python's expat) found in it.

Identifiers, deleted flags, datestamps, token, errors and sets must be equal for
what is well-formed; what is not must end in an error, a reject or a repaired
page, and never in a crash.  Prints a score; exits 1 when a file disagrees that
is not listed in DISAGREEMENTS, 77 when the fixtures are absent.

    check_oai_responses.py [--sheafctl PATH] [-v]
"""
import argparse
import json
import os
import subprocess
import sys

# Files on which the parser and the catalogue disagree, each with the reason
# why the parser's view is kept.
DISAGREEMENTS = {
}

# The fixtures hold a few answers that are no OAI-PMH at all; they must be
# named as what they are.
NOT_OAI = 65


def run(sheafctl, path):
    p = subprocess.run([sheafctl, "parse", path], stdout=subprocess.PIPE,
                       stderr=subprocess.PIPE, timeout=60, check=False)
    lines = [json.loads(x) for x in p.stdout.decode("utf-8").splitlines()]
    return p.returncode, lines


def differences(want, code, lines):
    """What the parser says otherwise than the catalogue."""
    records = [x for x in lines if x["type"] == "record"]
    rejects = [x for x in lines if x["type"] == "reject"]
    pages = [x for x in lines if x["type"] == "page"]
    if len(pages) != 1:
        return ["no trailer (exit %d)" % code]
    page = pages[0]
    found = []

    def compare(what, ours, theirs):
        if ours != theirs:
            found.append("%s: %r, the catalogue has %r" % (
                what, _short(ours), _short(theirs)))

    if want.get("kind") != "oai-pmh":
        if code != NOT_OAI:
            found.append("exit %d for a page that is not OAI-PMH" % code)
        return found
    if code != 0:
        return ["exit %d: %s" % (code, page)]
    compare("rejects", [r.get("reason") for r in rejects], [])
    compare("identifiers", [r["identifier"] for r in records],
            want["identifiers"])
    compare("datestamps", [r.get("datestamp", "") for r in records],
            want["datestamps"])
    compare("deleted", sum(bool(r.get("deleted")) for r in records),
            want["n_deleted"])
    compare("errors", [e.get("code", "") for e in page.get("errors", [])],
            [e.get("code") or "" for e in want["errors"]])
    token, theirs = page.get("resumption_token"), want.get("resumption_token")
    compare("token", None if token is None else token.get("text", ""),
            theirs and (theirs.get("value") or "").strip())
    if theirs and token is not None:
        for ours, name in (("cursor", "cursor"),
                           ("complete_list_size", "completeListSize")):
            value = theirs.get(name)
            if value is not None and value.isdigit():
                compare(name, token.get(ours), int(value))
    if want.get("verb_element"):
        compare("verb", page.get("verb"), want["verb_element"])
    sets = sorted({s for r in records for s in r.get("sets", [])})
    if "n_sets" not in want:
        compare("sets", sets, sorted(want["sets"]))
    else:
        compare("n_sets", len(page.get("sets", [])), want["n_sets"])
    if "prefixes" in want:
        compare("prefixes", [f.get("prefix") for f in page.get("formats", [])],
                want["prefixes"])
    return found


def _short(value):
    text = repr(value)
    return value if len(text) < 300 else text[:300] + "…"


def ill_formed(code, lines):
    """An ill-formed page must not pass as if nothing were wrong."""
    rejects = [x for x in lines if x["type"] == "reject"]
    pages = [x for x in lines if x["type"] == "page"]
    if code not in (0, 65):
        return ["exit %d" % code]
    if len(pages) != 1:
        return ["no trailer"]
    if code == 0 and not rejects and not pages[0].get("recovered"):
        return ["an ill-formed page was taken as clean"]
    return []


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    top = os.path.dirname(os.path.dirname(here))
    ap = argparse.ArgumentParser()
    ap.add_argument("--sheafctl", default=os.path.join(
        os.environ.get("SHEAF_BUILD", "."), "sheafctl"))
    ap.add_argument("--fixtures",
                    default=os.path.join(top, "..", "shared", "fixtures"))
    ap.add_argument("-v", action="store_true", dest="verbose")
    args = ap.parse_args()
    catalog = os.path.join(args.fixtures, "catalog.json")
    if not os.path.exists(catalog):
        print("SKIP: no fixtures at ../shared/fixtures")
        return 77
    os.environ.setdefault(
        "SHEAF_LIBEXEC", os.path.dirname(os.path.abspath(args.sheafctl)))
    with open(catalog, encoding="utf-8") as f:
        files = {k: v for k, v in json.load(f).items()
                 if k.startswith("oai-responses/")}
    good, known, bad = 0, 0, 0
    for name, want in sorted(files.items()):
        code, lines = run(args.sheafctl, os.path.join(args.fixtures, name))
        found = (differences(want, code, lines) if want["wellformed"]
                 else ill_formed(code, lines))
        if args.verbose and not want["wellformed"]:
            print(name, code, [x for x in lines if x["type"] != "record"])
        if not found:
            good += 1
            if name in DISAGREEMENTS:
                print("%s: agrees now; take it off the list" % name)
                bad += 1
        elif name in DISAGREEMENTS:
            known += 1
        else:
            bad += 1
            print(name)
            for line in found:
                print("    " + line)
    print("oai-responses: %d of %d agree, %d known disagreements, %d bad"
          % (good, len(files), known, bad))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
