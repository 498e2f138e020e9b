"""Whether a text speaks in a group's own voice: who speaks, to whom, and whether anybody frames it. Features, no wording."""

from models.relevance.feature import Index

# Somebody stands between the group and the reader, or names it as what it does not call itself.
FRAMES = ("attribution", "authority", "analysis", "court", "official", "terror", "extremism", "banned-group")


def is_promotional(index: Index) -> bool:
    """A listed group speaks as `we` to `you`, or calls people to itself, and nobody reports, judges or analyses it.

    In doubt the answer is no: then it counts as a statement that is reported, and a human looks.
    """
    return is_own_voice(index) and not index.having(*FRAMES)


def is_own_voice(index: Index) -> bool:
    """A call to brothers, an invitation to join beside a group or militants, or `we` beside a group's name and `you` near it."""
    if index.having("call"):
        return True
    speaking = index.having("own-voice") & index.armed
    invited = _widen(index.having("invitation")) & (index.armed | index.key)
    return bool(invited) or not _widen(speaking).isdisjoint(index.having("address"))


def _widen(sentences: set[int]) -> set[int]:
    return {number + step for number in sentences for step in (-1, 0, 1)}
