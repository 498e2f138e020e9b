"""What every format says of a document in words, so that no reader takes a machine's finding for a fact."""

from pipeline.export.row import Row


def state(row: Row) -> str:
    """Score, topics and verdict in English, without anybody's name or free text."""
    looked = "No person has decided on it: it is a machine's finding." if row.verdict == "none" else _decided(row)
    topics = f" Topics: {', '.join(row.topics)}." if row.topics else ""
    flagged = "flagged for reading" if row.doc.flagged else "not flagged"
    return f"A public report found by xabar, {flagged} with priority {row.doc.score:.2f} (0 to 1).{topics} {looked}"


def _decided(row: Row) -> str:
    newest = next((said for said in row.decisions if said.verdict == row.verdict), None)
    reasons = ", ".join(filter(None, (newest.reason, newest.clause))) if newest else ""
    return f"Reviewers' verdict: {row.verdict}{f' ({reasons})' if reasons else ''}."
