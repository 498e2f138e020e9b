"""PDF reports for tests, made byte by byte: type sizes, bold type, raised marks, columns, links, any script."""

from dataclasses import dataclass, field


@dataclass
class Print:
    """One piece of text at a place of a page, in points from the lower left corner."""

    left: float
    bottom: float
    text: str
    size: float = 11
    bold: bool = False


@dataclass
class Sheet:
    """One page."""

    prints: list[Print] = field(default_factory=list)
    links: list[tuple[float, float, float, float, str]] = field(default_factory=list)


def make_report(sheets: list[Sheet], info: str = "") -> bytes:
    """A PDF of these pages. Latin letters come from Helvetica, all others from a font that says what its codes mean."""
    others = sorted({char for sheet in sheets for item in sheet.prints for char in item.text if ord(char) > 126})
    assert len(others) < 220, "one simple font holds as many"
    codes = {char: 33 + place for place, char in enumerate(others)}
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", "", *(_font(name) for name in ("Helvetica", "Helvetica-Bold"))]
    widths = " ".join(["500"] * len(others))
    objects += [
        f"<< /Type /Font /Subtype /TrueType /BaseFont /Any /FirstChar 33 /LastChar {32 + len(others)} /Widths [{widths}]"
        " /ToUnicode 6 0 R >>",
        _stream(_cmap(codes)),
    ]
    kids = []
    for sheet in sheets:
        annots = []
        for left, bottom, right, top, url in sheet.links:
            objects.append(
                f"<< /Type /Annot /Subtype /Link /Rect [{left} {bottom} {right} {top}] /A << /S /URI /URI ({url}) >> >>"
            )
            annots.append(f"{len(objects)} 0 R")
        objects.append(_stream("BT " + " ".join(_show(item, codes) for item in sheet.prints) + " ET"))
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {len(objects)} 0 R /Annots [{' '.join(annots)}]"
            " /Resources << /Font << /F1 3 0 R /F2 4 0 R /F3 5 0 R >> >> >>"
        )
        kids.append(f"{len(objects)} 0 R")
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>"
    objects.append(f"<< {info} >>")
    return _join(objects)


def _font(name: str) -> str:
    return f"<< /Type /Font /Subtype /Type1 /BaseFont /{name} >>"


def _show(item: Print, codes: dict[str, int]) -> str:
    """Runs of one font each, one behind the other."""
    parts, place = [], 0
    while place < len(item.text):
        own = ord(item.text[place]) > 126
        end = place
        while end < len(item.text) and (ord(item.text[end]) > 126) == own:
            end += 1
        run = item.text[place:end]
        shown = "".join(f"{codes[char]:02x}" if own else f"{ord(char):02x}" for char in run)
        parts.append(f"/{'F3' if own else 'F2' if item.bold else 'F1'} {item.size} Tf <{shown}> Tj")
        place = end
    return f"1 0 0 1 {item.left} {item.bottom} Tm " + " ".join(parts)


def _cmap(codes: dict[str, int]) -> str:
    lines = "".join(f"<{code:02x}> <{char.encode('utf-16-be').hex()}>\n" for char, code in codes.items())
    return (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /x def\n1 begincodespacerange <00> <ff> "
        f"endcodespacerange\n{len(codes)} beginbfchar\n{lines}endbfchar endcmap end end"
    )


def _stream(text: str) -> str:
    return f"<< /Length {len(text)} >>\nstream\n{text}\nendstream"


def _join(objects: list[str]) -> bytes:
    body, offsets = "%PDF-1.4\n", []
    for number, item in enumerate(objects, 1):
        offsets.append(len(body))
        body += f"{number} 0 obj\n{item}\nendobj\n"
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    return (
        f"{body}xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}trailer\n<< /Size {len(objects) + 1} /Root 1 0 R "
        f"/Info {len(objects)} 0 R >>\nstartxref\n{len(body)}\n%%EOF\n"
    ).encode("latin-1")
