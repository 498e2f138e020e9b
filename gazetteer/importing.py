"""Turn other people's lists into a YAML file that an operator reviews: the UN consolidated list, GeoNames, a CSV.

Everything imported carries its provenance and the policy `context`: it may be found, it never raises an alert.
"""

import csv
import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, ParseError

import yaml
from defusedxml import DefusedXmlException  # type: ignore[import-untyped]  # ships no types
from defusedxml.ElementTree import parse  # type: ignore[import-untyped]  # ships no types

from gazetteer.block import GazetteerError
from gazetteer.entries import SHORTEST, load_entities, read_entities
from gazetteer.fold import fold

POLICY = "context"
LONGEST_ABBREVIATION = 6
LONGEST_FORM = 120
SHORTEST_WORD = 4
CSV_COLUMNS = ("id", "kind", "name", "writing", "form")
CSV_MORE = ("policy", "case", "ambiguous", "needs", "note")
_ALPHABETS = (("tg", "ҷҳӯӣҶҲӮӢ"), ("uz-Cyrl", "ўЎ"), ("ru", "ыщэьъЫЩЭ"), ("uz-Latn", "ʻʼ"))
_BRACKETS = re.compile(r"\(([^()]*)\)")

Block = dict[str, Any]


def import_un(path: Path, *, persons: bool = False) -> list[Block]:
    """Entities of the UN Security Council consolidated list (XML); persons only where the operator says so."""
    try:
        root = parse(path, forbid_dtd=True).getroot()
    except (ParseError, DefusedXmlException, OSError) as error:
        raise GazetteerError(f"{path}: cannot be read as the UN list ({error}); give the XML of the consolidated list") from error
    if root.tag != "CONSOLIDATED_LIST":
        raise GazetteerError(f"{path}: the root is '{root.tag}', not 'CONSOLIDATED_LIST'; give the XML of the consolidated list")
    day = (root.get("dateGenerated") or "undated")[:10]
    items = [("organization", item) for item in root.iterfind(".//ENTITY")]
    items += [("person", item) for item in root.iterfind(".//INDIVIDUAL")] if persons else []
    return [block for kind, item in items if (block := _make_listed(item, kind, f"UN consolidated list of {day}"))]


def import_geonames(path: Path, *, countries: Collection[str] = ()) -> list[Block]:
    """Places from GeoNames, as its tab-separated dump or as JSON with the same fields."""
    blocks = []
    for place in _iter_places(path):
        if not countries or place["countrycode"] in countries:
            forms = _by_writing([place["name"], *place["alternatenames"]], keep_lower=False)
            if forms:
                id_ = f"geonames-{place['geonameid']}"
                blocks.append(_make_block(id_, "place", place["name"], forms, "GeoNames (CC BY 4.0)"))
    return blocks


def import_csv(path: Path) -> list[Block]:
    """Entities from a CSV with the columns id, kind, name, writing, form, and maybe policy, case, ambiguous, needs, note."""
    blocks: dict[str, Block] = {}
    with path.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.DictReader(lines)
        _check_columns(path, reader.fieldnames or ())
        for row in reader:
            where = f"{path}: line {reader.line_num}"
            if None in row or any(not row.get(column) for column in CSV_COLUMNS):
                raise GazetteerError(f"{where}: needs a value in each of {', '.join(CSV_COLUMNS)}")
            block = blocks.setdefault(row["id"], _make_block(row["id"], row["kind"], row["name"], {}, f"CSV {path.name}"))
            block["policy"] = row.get("policy") or block["policy"]
            form = {"text": row["form"], "added": "medium"} | {
                key: row[key] for key in ("case", "ambiguous", "note") if row.get(key)
            }
            form |= {"needs": row["needs"].split()} if row.get("needs") else {}
            block["forms"].setdefault(row["writing"], []).append(form)
    return list(blocks.values())


def drop_known(blocks: Iterable[Block]) -> tuple[list[Block], list[str]]:
    """Leave out forms that the shipped list has, and blocks that have nothing else; say which."""
    owners = {fold(form.text): entity.id for entity in load_entities() for form in entity.forms}
    kept, notes = [], []
    for block in blocks:
        known = {owners[key] for items in block["forms"].values() for form in items if (key := fold(form["text"])) in owners}
        unknown = {writing: [f for f in items if fold(f["text"]) not in owners] for writing, items in block["forms"].items()}
        forms = {writing: items for writing, items in unknown.items() if items}
        if known:
            notes.append(f"{block['id']} ({block['name']}): has names of {', '.join(sorted(known))}, which were left out")
        if forms:
            kept.append(block | {"forms": forms})
    return kept, notes


def render(blocks: Iterable[Block], notes: Iterable[str] = ()) -> str:
    """The YAML file, sorted by id, in the style of the shipped ones."""
    lines = ["# Imported: read every entry before it goes into gazetteer/data.", *(f"# {note}" for note in notes), ""]
    for block in sorted(blocks, key=lambda block: str(block["id"])):
        head = {key: value for key, value in block.items() if key not in {"forms", "designations"}}
        dumped = [f"{key}: {_flow(value)}" for key, value in head.items()]
        lines += [f"- {dumped[0]}", *(f"  {line}" for line in dumped[1:])]
        if block.get("designations"):
            lines += ["  designations:", *(f"  - {_flow(item)}" for item in block["designations"])]
        lines.append("  forms:")
        for writing, forms in block["forms"].items():
            lines += [f"    {writing}:", *(f"    - {_flow(form)}" for form in forms)]
        lines.append("")
    return "\n".join(lines)


def check(path: Path) -> int:
    """Read an imported file as strictly as the shipped ones; returns how many entities it has, raises GazetteerError."""
    return len(read_entities([path]))


def _flow(value: Any) -> str:
    dumped = yaml.safe_dump(value, allow_unicode=True, default_flow_style=True, width=10**9, sort_keys=False)
    return dumped.removesuffix("\n").removesuffix("\n...").strip()


def _make_block(id_: str, kind: str, name: str, forms: Mapping[str, Any], provenance: str) -> Block:
    return {"id": id_, "kind": kind, "name": name, "policy": POLICY, "provenance": provenance, "forms": dict(forms)}


def _make_listed(item: Element, kind: str, provenance: str) -> Block | None:
    """One ENTITY or INDIVIDUAL with its designation, or None without a name that can be matched."""
    parts = [item.findtext(f"{number}_NAME") or "" for number in ("FIRST", "SECOND", "THIRD", "FOURTH")]
    name = " ".join(" ".join(parts).split())
    aliases = [alias.findtext("ALIAS_NAME") or "" for alias in item if alias.tag.endswith("_ALIAS")]
    forms = _by_writing([part for text in [name, *aliases] for part in _split_names(text)])
    reference = item.findtext("REFERENCE_NUMBER") or item.findtext("DATAID") or ""
    if not (forms and reference):
        return None
    block = _make_block(f"un-{reference.lower().replace('.', '-')}", kind, name, forms, provenance)
    return block | {"designations": [_make_designation(item, reference)]}


def _make_designation(item: Element, reference: str) -> Block:
    listed = (item.findtext("LISTED_ON") or "unknown")[:10]
    return {
        "authority": "UN Security Council",
        "list": f"{item.findtext('UN_LIST_TYPE') or 'consolidated'} list",
        "status": "listed",
        "date": listed,
        "added": "high",
        "reference": reference,
    }


def _split_names(text: str) -> Iterator[str]:
    """`Name (ABC; Other name)` holds three names."""
    for part in [_BRACKETS.sub(" ", text), *(inner for found in _BRACKETS.findall(text) for inner in found.split(";"))]:
        yield " ".join(part.split()).strip(" ,;.")


def _by_writing(names: Iterable[str], *, keep_lower: bool = True) -> dict[str, list[Block]]:
    """Forms by writing; scripts that we do not read, single letters and whole sentences are left out."""
    forms: dict[str, list[Block]] = {}
    seen: set[tuple[str, str]] = set()
    for name in names:
        writing = _find_writing(name)
        key = (writing, fold(name))
        is_name = len(name) <= LONGEST_FORM and sum(map(str.isalnum, name)) >= (SHORTEST if name.isupper() else SHORTEST_WORD)
        if writing and is_name and key not in seen and (keep_lower or name[:1].isupper()):
            seen.add(key)
            forms.setdefault(writing, []).append(_make_form(name))
    return forms


def _make_form(name: str) -> Block:
    """One word may be anybody's: only in capitals, and only in a text of its own language."""
    if name.isupper() and len(name) <= LONGEST_ABBREVIATION and " " not in name:
        return {"text": name, "added": "medium", "kind": "abbrev", "case": "exact", "own": True}
    return {"text": name, "added": "medium", "case": "any"} | ({"own": True} if " " not in name else {})


def _find_writing(name: str) -> str:
    """The writing that the letters tell; Cyrillic without a telling letter counts as Russian. Empty for other scripts."""
    letters = [letter for letter in name if letter.isalpha()]
    for writing, telling in _ALPHABETS:
        if any(letter in telling for letter in name):
            return writing
    if letters and all("а" <= letter.lower() <= "џ" or letter in "қғҚҒ" for letter in letters):
        return "ru"
    return "en" if letters and all(ord(letter) < ord("Ͱ") or "Ḁ" <= letter <= "ỿ" for letter in letters) else ""


def _iter_places(path: Path) -> Iterator[Block]:
    try:
        text = path.read_text("utf-8")
        if text.lstrip().startswith("["):
            yield from ({"alternatenames": []} | place for place in json.loads(text))
            return
        for line in text.splitlines():
            fields = line.split("\t")
            yield {"geonameid": fields[0], "name": fields[1], "alternatenames": fields[3].split(","), "countrycode": fields[8]}
    except (OSError, ValueError, IndexError) as error:
        raise GazetteerError(f"{path}: cannot be read as GeoNames ({error}); give its tab-separated dump or JSON") from error


def _check_columns(path: Path, columns: Iterable[str]) -> None:
    found = set(columns)
    missing, unknown = set(CSV_COLUMNS) - found, found - {*CSV_COLUMNS, *CSV_MORE}
    if missing or unknown:
        raise GazetteerError(
            f"{path}: columns missing: {', '.join(sorted(missing)) or 'none'}; unknown: {', '.join(sorted(unknown)) or 'none'}"
            f" (known: {', '.join((*CSV_COLUMNS, *CSV_MORE))})"
        )
