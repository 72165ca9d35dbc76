"""Read graded runs out of logs and tables: `read`, and one module a format.

========================  ===========================================================================
`inspect_log`             opens Inspect AI logs: ``.eval`` (deflated or zstd, killed or complete), ``.json``
`inspect_sample`          a sample as a run: its status, its prompt, where it is from
`inspect_score`           what its scorers said, and whether the judge said anything
`result_tree`             the agentic-misalignment framework's tree of ``response.json``
`classification`, `gaps`  its classifications, and the runs that left no file
`table`, `load`           CSV, JSONL and Parquet as stored
`rows`, `counts`          a table of one row a run, or of n and k a cell
`files`                   which file is of which format
`assemble`                runs as logged become the table of runs
========================  ===========================================================================

A new format is one module, and one entry in `READERS`.
"""

from baserate.readers.format_list import READERS, Reader
from baserate.readers.reader import read

__all__ = ["READERS", "Reader", "read"]
