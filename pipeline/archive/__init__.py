"""The same stages over web archives of any size: WARC segments in, Parquet out, on this machine or on a Ray cluster.

Two passes are done in parallel, one unit of work at a time and each unit a file, so that a job that was killed goes on where it
was: `read` makes items of a segment's records, `analyse` takes parts of 256 items through the stages that know only the item
before them. Between and after them this process does, in order, what goes by what came earlier: lines that a site repeats,
copies, scores. So the rows are those of `xabar import` and `xabar run`.
"""
