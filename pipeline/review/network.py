"""Who is named together: organisations on an oval with their names outside, a curve between two that stand in one document.

Neighbours on the oval are those that belong together: the order is by the second and third eigenvector of the graph's Laplacian
(K. M. Hall, An r-dimensional quadratic placement algorithm, 1970). No chance is drawn: the same pairs give the same picture.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

WIDTH, ROW, MARGIN = 820.0, 26.0, 22.0
THICKEST, LARGEST, SMALLEST = 7.0, 11.0, 4.0
HALF, LEAST = 190.0, 0.35  # of the oval's width, and what is left of it at its top


@dataclass(frozen=True, slots=True)
class Node:
    """An organisation: where its circle stands, how large it is, on which side its name is written."""

    name: str
    x: float
    y: float
    radius: float
    is_right: bool


@dataclass(frozen=True, slots=True)
class Edge:
    """Two organisations that stand together; the line is the thicker the more often; `href` is where their items are."""

    path: str
    width: float
    tip: str
    href: str


@dataclass(frozen=True, slots=True)
class Network:
    """What is drawn, in a frame of this width and height."""

    nodes: tuple[Node, ...] = ()
    edges: tuple[Edge, ...] = ()
    width: float = WIDTH
    height: float = 0.0


def make_network(pairs: Sequence[tuple[str, str, int]], links: Sequence[str]) -> Network:
    """Lay out these pairs (one, two, documents together); `links`: where each pair's items are."""
    return _lay_out(tuple(pairs), tuple(links)) if pairs else Network()


@lru_cache(maxsize=64)
def _lay_out(pairs: tuple[tuple[str, str, int], ...], links: tuple[str, ...]) -> Network:
    weight: dict[str, int] = {}
    for one, two, documents in pairs:
        weight[one], weight[two] = weight.get(one, 0) + documents, weight.get(two, 0) + documents
    names = _order(sorted(weight, key=lambda name: (-weight[name], name)), pairs)
    height = 2 * MARGIN + ROW * max(1, -(-len(names) // 2) - 1)
    most, heaviest = max(weight.values()), max(documents for _, _, documents in pairs)
    nodes = {}
    for place, name in enumerate(names):
        radius = SMALLEST + (LARGEST - SMALLEST) * (weight[name] / most) ** 0.5
        nodes[name] = Node(name, *_place(place, len(names), height), round(radius, 1), place < -(-len(names) // 2))
    edges = tuple(
        Edge(
            f"M{nodes[one].x} {nodes[one].y}Q{WIDTH / 2} {height / 2} {nodes[two].x} {nodes[two].y}",
            round(1 + (THICKEST - 1) * documents / heaviest, 1),
            f"{one} – {two}: {documents}",
            link,
        )
        for (one, two, documents), link in zip(pairs, links, strict=True)
    )
    return Network(tuple(nodes.values()), edges, WIDTH, height)


def _order(names: Sequence[str], pairs: Sequence[tuple[str, str, int]]) -> list[str]:
    if len(names) < 4:
        return list(names)
    at = {name: place for place, name in enumerate(names)}
    tied = np.zeros((len(names), len(names)))
    for one, two, documents in pairs:
        tied[at[one], at[two]] = tied[at[two], at[one]] = documents**0.5
    _, vectors = np.linalg.eigh(np.diag(tied.sum(axis=1)) - tied)
    angle = np.arctan2(vectors[:, 2], vectors[:, 1])
    return [names[place] for place in np.argsort(angle, kind="stable")]


def _place(place: int, count: int, height: float) -> tuple[float, float]:
    """Down the right side of the oval, then up its left side."""
    right = -(-count // 2)
    row = place if place < right else count - 1 - place
    y = MARGIN + ROW * row if right > 1 else height / 2
    off = abs(y - height / 2) / (height / 2)
    x = HALF * max(LEAST, (1 - off * off) ** 0.5)
    return round(WIDTH / 2 + (x if place < right else -x), 1), round(y, 1)
