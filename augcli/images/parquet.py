"""Images in the cells of Parquet tables. pyarrow, the extra `parquet`, is imported here, when it is used."""

from __future__ import annotations

from bisect import bisect_right
from functools import lru_cache
from itertools import accumulate
from typing import Any

from augcli.errors import ItemError, Problem, UsageError

MISSING = Problem("", "Parquet files need pyarrow", "install it with: pip install 'augcli[parquet]'")


def arrow() -> tuple[Any, Any]:
    """The modules pyarrow and pyarrow.parquet. Raises `UsageError` where they are not installed."""
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise UsageError(MISSING) from error
    return pyarrow, pyarrow.parquet


def cell(file: str, version: tuple[int, int], row: int, column: str) -> bytes:
    """The bytes of an image in a table: a binary cell, or the field `bytes` of a struct; b"" for null.

    version  size and time of the file, so that a table that was replaced is read anew
    Raises ItemError: changed (no such row or column), corrupt.
    """
    pa, _ = arrow()
    try:
        _, starts = _table(file, version)
        if row >= starts[-1]:
            raise ItemError("changed")
        group = bisect_right(starts, row) - 1
        value = _column(file, version, group, column)[row - starts[group]].as_py()
    except (KeyError, IndexError):
        raise ItemError("changed") from None
    except (pa.ArrowException, OSError):
        raise ItemError("corrupt") from None
    data = value.get("bytes") if isinstance(value, dict) else value
    return data if isinstance(data, bytes) else b""


@lru_cache(maxsize=8)
def _table(file: str, version: tuple[int, int]) -> tuple[Any, list[int]]:
    """The open table, and the first row of each row group with the number of rows behind the last."""
    table = arrow()[1].ParquetFile(file)
    groups = (table.metadata.row_group(index).num_rows for index in range(table.metadata.num_row_groups))
    return table, list(accumulate(groups, initial=0))


@lru_cache(maxsize=1)
def _column(file: str, version: tuple[int, int], group: int, column: str) -> Any:
    """One column of a row group: it can be decoded only as a whole, so the last one is kept."""
    return _table(file, version)[0].read_row_group(group, columns=[column], use_threads=False).column(column)
