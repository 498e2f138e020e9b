"""Small charts as SVG, made here: no script, no remote asset; every number also stands in a table beside them."""

from collections.abc import Mapping, Sequence
from typing import Any

WIDTH, HEIGHT, MARGIN = 260, 220, 34
ROW_HEIGHT = 22
CANDIDATE, LIVE = "#1a5fb4", "#9a6700"


def draw_calibration(title: str, curve: Sequence[Sequence[float]], live: Sequence[Sequence[float]]) -> str:
    """What the model said against what was so; on the dotted diagonal it is honest. Points are (said, so, share of texts)."""
    side = HEIGHT - 2 * MARGIN
    parts = [
        f'<line x1="{MARGIN}" y1="{MARGIN + side}" x2="{MARGIN + side}" y2="{MARGIN}" class="ideal"/>',
        f'<rect x="{MARGIN}" y="{MARGIN}" width="{side}" height="{side}" class="frame"/>',
        *_draw_points(live, side, LIVE),
        *_draw_points(curve, side, CANDIDATE),
        f'<text x="{MARGIN}" y="{MARGIN + side + 24}">said 0 to 1</text>',
        f'<text x="12" y="{MARGIN + side}" transform="rotate(-90 12 {MARGIN + side})">relevant 0 to 1</text>',
    ]
    return _wrap(title, WIDTH, HEIGHT, parts)


def draw_intervals(title: str, rows: Mapping[str, Mapping[str, Any]], lowest: float = 0.0) -> str:
    """One line per name: the candidate's value with its interval above, the live model's below; from `lowest` to 1."""
    left, span = 110, 300
    parts, y = [], 40

    def place(value: float) -> float:
        return left + span * (min(max(value, lowest), 1.0) - lowest) / (1.0 - lowest)

    for name, row in rows.items():
        parts.append(f'<text x="4" y="{y + 6}">{name}</text>')
        for shift, key, colour in ((0, "candidate", CANDIDATE), (8, "live", LIVE)):
            low, high = row[f"{key}_interval"]
            value = row[key]
            parts.append(
                f'<line x1="{place(low):.1f}" y1="{y + shift}" x2="{place(high):.1f}" y2="{y + shift}" stroke="{colour}"/>'
                f'<circle cx="{place(value):.1f}" cy="{y + shift}" r="3.5" fill="{colour}"/>'
            )
        y += ROW_HEIGHT + 6
    parts += [f'<text x="{left - 6}" y="{y + 10}">{lowest:g}</text>', f'<text x="{left + span - 6}" y="{y + 10}">1</text>']
    return _wrap(title, left + span + 30, y + 20, parts)


def draw_shares(title: str, rows: Mapping[str, Mapping[str, Any]]) -> str:
    """One bar per class: the share that is flagged, with its interval."""
    left, span = 150, 260
    parts, y = [], 34
    for name, row in rows.items():
        share = row["share"]
        low, high = row["interval"]
        parts.append(
            f'<text x="4" y="{y + 11}">{name}</text>'
            f'<rect x="{left}" y="{y}" width="{span * share:.1f}" height="12" fill="{CANDIDATE}"/>'
            f'<line x1="{left + span * low:.1f}" y1="{y + 6}" x2="{left + span * high:.1f}" y2="{y + 6}" stroke="{LIVE}"/>'
        )
        y += ROW_HEIGHT
    return _wrap(title, left + span + 30, y + 8, parts)


def _draw_points(curve: Sequence[Sequence[float]], side: int, colour: str) -> list[str]:
    places = [(MARGIN + side * said, MARGIN + side * (1 - so), 2 + 7 * share**0.5) for said, so, share in curve]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y, _ in places)
    dots = [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{size:.1f}" fill="{colour}" fill-opacity=".6"/>' for x, y, size in places]
    return [f'<polyline points="{line}" fill="none" stroke="{colour}"/>', *dots]


def _wrap(title: str, width: int, height: int, parts: Sequence[str]) -> str:
    return (
        f'<svg role="img" aria-label="{title}" viewBox="0 0 {width} {height}" width="{width}" height="{height}">'
        f'<text x="4" y="16" class="title">{title}</text>{"".join(parts)}</svg>'
    )
