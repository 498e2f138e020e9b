"""Parquet for data frames: the columns of the CSV, typed. Needs pyarrow, which the extra `scale` brings."""

from collections.abc import Iterable
from itertools import islice
from typing import Any, BinaryIO

from pipeline.export.row import Row
from pipeline.export.table import COLUMNS, TEXTS, flatten
from pipeline.records import Stop

ROWS_AT_ONCE = 1000
MISSING = "--format parquet needs pyarrow, which is not installed; run: pip install 'xabar[scale]'"


def write(rows: Iterable[Row], stream: BinaryIO) -> int:
    """One record per document, zstd-compressed; returns how many. Raises Stop without pyarrow."""
    arrow, parquet = _import()
    types = dict.fromkeys(TEXTS, arrow.string()) | {"score": arrow.float64(), "flagged": arrow.bool_()}
    schema, left, count = arrow.schema([(name, types[name]) for name in COLUMNS]), iter(rows), 0
    with parquet.ParquetWriter(stream, schema, compression="zstd") as writer:
        while batch := list(islice(left, ROWS_AT_ONCE)):
            writer.write_table(arrow.Table.from_pylist([flatten(row) for row in batch], schema))
            count += len(batch)
    return count


def _import() -> tuple[Any, Any]:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise Stop(MISSING) from error
    return pyarrow, pyarrow.parquet
