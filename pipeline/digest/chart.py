"""Small bar charts as SVG, made here: no script, nothing loaded from elsewhere."""

from collections.abc import Sequence
from html import escape

WIDTH, ROW, LABEL, BAR = 560, 22, 220, 280
LONGEST_LABEL = 34


def draw_bars(title: str, rows: Sequence[tuple[str, int]]) -> str:
    """One horizontal bar per row, its number beside it; the title is also the text for those who do not see it."""
    if not rows:
        return ""
    most = max(count for _, count in rows) or 1
    described = ", ".join(f"{name} {count}" for name, count in rows)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {WIDTH} {ROW * len(rows) + 4}" width="{WIDTH}">',
        f"<title>{escape(title)}: {escape(described)}</title>",
    ]
    for place, (name, count) in enumerate(rows):
        y, width = ROW * place, max(2.0, BAR * count / most)
        short = name if len(name) <= LONGEST_LABEL else name[: LONGEST_LABEL - 1] + "…"
        lines += [
            f'<text x="{LABEL - 8}" y="{y + 16}" text-anchor="end" font-size="13">{escape(short)}</text>',
            f'<rect x="{LABEL}" y="{y + 4}" width="{width:.1f}" height="{ROW - 8}" fill="#2f6f9f"/>',
            f'<text x="{LABEL + width + 6:.1f}" y="{y + 16}" font-size="13">{count}</text>',
        ]
    return "\n".join([*lines, "</svg>"])
