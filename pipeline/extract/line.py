"""The lines of a report as they stand on its pages: what a reader of one format gives, and the rest of the road needs."""

from dataclasses import dataclass

SAME_SIZE = 0.06  # share of the type size within which two lines are set alike


@dataclass(slots=True)
class Line:
    """One line of one page, in points from the lower left corner. `marks`: (place in `text`, footnote mark taken out there)."""

    text: str
    page: int
    left: float = 0.0
    right: float = 0.0
    bottom: float = 0.0
    top: float = 0.0
    size: float = 0.0
    bold: bool = False
    marks: tuple[tuple[int, str], ...] = ()
    heading: int = 0  # level that the file itself states, 0: none
    starts_paragraph: bool = False  # the file itself says so

    def is_set_like(self, other: "Line") -> bool:
        """Whether both have the same size and weight of type."""
        return abs(self.size - other.size) <= SAME_SIZE * max(self.size, 1.0) and self.bold == other.bold


@dataclass(frozen=True, slots=True)
class WebLink:
    """An address behind an area of a page: it says what a scrambled or broken line in print does not."""

    page: int
    left: float
    bottom: float
    right: float
    top: float
    url: str

    def is_on(self, line: Line) -> bool:
        """Whether the area lies on this line."""
        middle = (self.bottom + self.top) / 2
        return self.page == line.page and line.bottom - 1 <= middle <= line.top + 1 and self.left < line.right + 1
