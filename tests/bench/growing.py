"""The bench's registries of growing size: seeds of the generator of registries
put behind each other, each as sources of its own, whose titles, names and years
are shared with all others as those of real agencies are.

A second version of the files is the next day: of a hundred records one is
another (its title or its year), new, or gone.
"""

import os
import shutil
import subprocess
import sys

from nouns import SHARED
import registrycsv

ENTITIES = 30000  # of a seed: about 54,250 records
FIRST_SEED = 101
DAILY = 100  # one of so many records changes


def table(cache, seed):
    """A seed's rows; identifiers of things say whose they are."""
    folder = os.path.join(cache, "table-%d" % seed)
    subprocess.run([sys.executable, os.path.join(SHARED, "er/gen_registry.py"), folder, "--seed", str(seed), "--entities",
                    str(ENTITIES)], check=True, stdout=subprocess.DEVNULL)
    rows = registrycsv.read(os.path.join(folder, "records.csv"))
    shutil.rmtree(folder)
    for r in rows:
        r["id"] = "%s:%d" % (r["id"], seed)
        r["source"] = "%s-%d" % (r["source"], seed)
        r["url"] = r["url"].replace("/handle/", "/handle/%d/" % seed)
        r["identifiers"] = "; ".join(i + ".%d" % seed if "10.180" in i else i for i in registrycsv.parts(r["identifiers"]))
    return rows


def next_day(rows):
    """Words come from other records, since a day brings hardly any new ones."""
    out = []
    for n, r in enumerate(rows):
        if n % DAILY:
            out.append(r)
            continue
        kind, changed, other = n // DAILY % 10, dict(r), rows[n - 1]["title"].split()
        words = r["title"].split()
        words[n % len(words)] = other[n % len(other)]
        if kind < 6:
            changed["title"] = " ".join(words)
        elif kind < 8:
            changed["year"] = "2003"
        elif kind == 8:
            out.append(dict(r, id=r["id"] + "-new", url=r["url"] + "-new", title=" ".join(words)))
        if kind != 9:
            out.append(changed)
    return out


def seed_files(cache, seed):
    """The folder of a seed: the files of both days and their sections."""
    folder = os.path.join(cache, "seed-%d" % seed)
    if os.path.exists(folder):
        return folder
    rows = table(cache, seed)
    shutil.rmtree(folder + ".new", ignore_errors=True)
    for day, which in (("1", rows), ("2", next_day(rows))):
        os.makedirs(os.path.join(folder + ".new", day))
        registrycsv.put(which, os.path.join(folder + ".new", day))
    with open(os.path.join(folder + ".new", "count"), "w") as f:
        f.write(str(len(rows)))
    os.rename(folder + ".new", folder)
    return folder


def sections(folder, day):
    """As registrycsv.put() would say them."""
    out = []
    names = sorted(n[:-4] for n in os.listdir(os.path.join(folder, day)) if n.endswith(".xml"))
    for i, name in enumerate(names):
        way = registrycsv.WAYS[i % len(registrycsv.WAYS)]
        out.append(registrycsv.section(name, os.path.join(folder, day, name + ".xml"), registrycsv.prefix_of(way), interval="1w"))
    return out


def registry_files(cache, records):
    """(sections of the first day, of the second, number of records): as many whole seeds as come nearest."""
    first, second, total, seed = [], [], 0, FIRST_SEED
    while total + ENTITIES * 0.9 <= records or not first:
        folder = seed_files(cache, seed)
        first += sections(folder, "1")
        second += sections(folder, "2")
        total += int(open(os.path.join(folder, "count")).read())
        seed += 1
    return first, second, total
