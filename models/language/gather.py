"""Make a TSV of the texts in Debian's localisation packages: python -m models.language.gather FOLDER --out packages.tsv.gz.

FOLDER holds packages unpacked with `dpkg-deb -x`. Read are mediawiki (its translations, by the translators of
translatewiki.net, are CC BY 3.0), libreoffice-l10n-* and firefox-esr-l10n-* (MPL-2.0). The same packages give the same bytes.
"""

import argparse
import gettext
import gzip
import html
import json
import re
import sys
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

# As the packages name languages, our label. The training set has LibreOffice and Firefox in other languages already.
MEDIAWIKI = {
    "az": "az", "ba": "ba", "be": "be", "be-tarask": "be", "bg": "bg", "cv": "cv", "kaa": "kaa", "kk-cyrl": "kk", "ky": "ky",
    "mk": "mk", "mn": "mn", "sah": "sah", "sr-ec": "sr", "tg-cyrl": "tg", "tk": "tk", "tr": "tr", "tt-cyrl": "tt",
    "ug-arab": "ug", "uk": "uk", "uz": "uz-Latn",
}  # fmt: skip
# Small languages, one profile for all of a script.
MINOR = "minor"
MINORS = (
    "alt", "av", "bxr", "ce", "crh-cyrl", "crh-latn", "gag", "inh", "kbd-cyrl", "kk-latn", "koi", "krc", "kum", "kv", "lez",
    "mdf", "mhr", "mrj", "myv", "nog", "os", "rue", "tg-latn", "tly", "tt-latn", "tyv", "udm", "xal",
)  # fmt: skip
LIBREOFFICE = ("be", "bg", "mk", "sr", "ug")
FIREFOX = ("be", "mk", "sr")
MOST, MOST_MINOR = 4000, 500
FEWEST_LETTERS = 15

_MARKUP = (
    (re.compile(r"\{\{[^{}|]*\|(?:[^{}|]*\|)*([^{}|]*)\}\}"), r"\1"),  # {{PLURAL:$1|page|pages}}: the last form
    (re.compile(r"\[\[[^\[\]|]*\|([^\[\]]*)\]\]"), r"\1"),
    (re.compile(r"\[\[[^\[\]]*\]\]|\{\{[^{}]*\}\}|<[^<>]*>|\$\d+|%[\w.$]*|\{[^{}]*\}|https?://\S+|\\n"), " "),
    (re.compile(r"[_~*#'=]+(?=\w)|'{2,}|\s+"), lambda found: " " if found[0].isspace() or found.start() == 0 else ""),
)
_LETTER = re.compile(r"[^\W\d_]")
_FLUENT = re.compile(r"^\s*(?:[\w-]+|\.[\w-]+) =\s*(.+)$|^ {4}(\w.*)$", re.MULTILINE)


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the TSV; 2 with one line if the folder holds none of the packages."""
    parser = argparse.ArgumentParser(prog="python -m models.language.gather", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args(arguments)
    rows = list(iter_rows(options.folder))
    if not rows:
        sys.stderr.write(f"{options.folder}: holds none of the packages; unpack them there with dpkg-deb -x\n")
        return 2
    body = "".join("\t".join(row) + "\n" for row in rows)
    options.out.write_bytes(gzip.compress(body.encode("utf-8"), mtime=0))
    return 0


def iter_rows(folder: Path) -> Iterator[tuple[str, str, str]]:
    """(label, text, source) of every text that is long enough, at most MOST per language and source."""
    for code, label in MEDIAWIKI.items():
        yield from _choose(label, _iter_mediawiki(folder, code), "mediawiki", MOST)
    for code in MINORS:
        yield from _choose(MINOR, _iter_mediawiki(folder, code), "mediawiki", MOST_MINOR)
    for code in LIBREOFFICE:
        yield from _choose(code, _iter_libreoffice(folder, code), "libreoffice-l10n", MOST)
    for code in FIREFOX:
        yield from _choose(code, _iter_firefox(folder, code), "firefox-l10n", MOST)


def clean(text: str) -> str:
    """The words of a message without its markup and placeholders."""
    text = html.unescape(text)
    for pattern, plain in (*_MARKUP[:1] * 2, *_MARKUP[1:]):
        text = pattern.sub(plain, text)
    return text.strip()


def _choose(label: str, texts: Iterator[str], source: str, most: int) -> Iterator[tuple[str, str, str]]:
    clean_texts = (clean(text) for text in texts)
    kept = {text for text in clean_texts if len(_LETTER.findall(text)) >= FEWEST_LETTERS}
    chosen = sorted(kept, key=lambda text: (zlib.crc32(text.encode()), text))[:most]
    yield from ((label, text, source) for text in sorted(chosen))


def _iter_mediawiki(folder: Path, code: str) -> Iterator[str]:
    for path in sorted(folder.rglob(f"mediawiki/**/i18n/**/{code}.json")):
        messages = json.loads(path.read_text(encoding="utf-8"))
        yield from (text for key, text in messages.items() if key != "@metadata" and isinstance(text, str))


def _iter_libreoffice(folder: Path, code: str) -> Iterator[str]:
    for path in sorted(folder.rglob(f"resource/{code}/LC_MESSAGES/*.mo")):
        with path.open("rb") as file:
            # gettext has no public way to list a catalogue; the type checker's stubs know this one.
            catalogue = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
        yield from (text for key, text in catalogue.items() if key)


def _iter_firefox(folder: Path, code: str) -> Iterator[str]:
    for path in sorted(folder.rglob(f"langpack-{code}@*.xpi")):
        with zipfile.ZipFile(path) as archive:
            for name in sorted(name for name in archive.namelist() if name.endswith((".ftl", ".properties"))):
                yield from (one or two for one, two in _FLUENT.findall(archive.read(name).decode("utf-8", "replace")))


if __name__ == "__main__":
    sys.exit(main())
