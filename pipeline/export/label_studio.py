"""Label Studio: one JSON list of tasks. What the machine found is a prediction, what people decided an annotation.

The labelling configuration that fits is LABELLING; offsets are code points, as Label Studio's Text tag counts.
"""

import json
from collections.abc import Iterable
from typing import Any, BinaryIO

from pipeline.export.row import Row
from pipeline.records import Mention

LABELLING = """<View>
  <Labels name="label" toName="text">
    <Label value="ORG"/><Label value="PER"/><Label value="LOC"/><Label value="EVENT"/><Label value="WORK"/><Label value="TERM"/>
  </Labels>
  <Text name="text" value="$text"/>
  <Choices name="verdict" toName="text">
    <Choice value="relevant"/><Choice value="not-relevant"/><Choice value="unsure"/><Choice value="defer"/>
  </Choices>
</View>"""


def write(rows: Iterable[Row], stream: BinaryIO) -> int:
    """One task per document; returns how many."""
    count = 0
    stream.write(b"[")
    for row in rows:
        stream.write((b",\n" if count else b"\n") + json.dumps(_make_task(row), ensure_ascii=False).encode("utf-8", "replace"))
        count += 1
    stream.write(b"\n]\n")
    return count


def _make_task(row: Row) -> dict[str, Any]:
    doc = row.final
    data = {"text": doc.text, "id": doc.id, "title": doc.title, "url": doc.url, "language": doc.language, "source": doc.source}
    spans = [_make_region(mention, number) for number, mention in enumerate(row.spans)]
    task: dict[str, Any] = {"data": data, "predictions": [{"model_version": "xabar", "score": doc.score, "result": spans}]}
    if row.verdict != "none":
        verdict = {"id": "verdict", "from_name": "verdict", "to_name": "text", "type": "choices"}
        task["annotations"] = [{"result": [*spans, verdict | {"value": {"choices": [row.verdict]}}]}]
    return task


def _make_region(mention: Mention, number: int) -> dict[str, Any]:
    value = {"start": mention.start, "end": mention.end, "text": mention.text, "labels": [mention.label]}
    return {"id": f"m{number}", "from_name": "label", "to_name": "text", "type": "labels", "value": value}
