"""Wide tables, with a column for each version, made long: a row a run."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from baserate.errors import BaserateError, did_you_mean
from baserate.layout import VERSION
from baserate.readers.request import Request

SOURCE = "source"


def long(frame: pd.DataFrame, request: Request) -> tuple[pd.DataFrame, Request]:
    """Make a row a run of a table that has a column for each version.

    Parameters
    ----------
    frame : DataFrame
    request : Request
        Whose ``columns`` name several columns as the version.

    Returns
    -------
    frame : DataFrame
        With ``version``, and the verdicts under the name of the one outcome that was asked for, else ``outcome``.
    request : Request
        Without these columns.

    Raises
    ------
    BaserateError
        If a column is not there, or several outcomes were asked for.
    """
    wide = [theirs for theirs, ours in request.columns.items() if ours == VERSION]
    if len(wide) < 2:
        return frame, request
    for name in wide:
        if name not in frame:
            raise BaserateError(f"There is no column {name!r}.{did_you_mean(name, frame.columns)}")
    asked = list(dict.fromkeys(source.column for source in (request.outcomes or {}).values()))
    if len(asked) > 1:
        raise BaserateError("A table with a column for each version holds one outcome. Name one in outcomes=.")
    others = [name for name in frame if name not in wide]
    outcome = asked[0] if asked and asked[0] not in others else "outcome"
    melted = frame.melt(id_vars=others, value_vars=wide, var_name=VERSION, value_name=outcome)
    melted[SOURCE] = melted[SOURCE].astype(str) + "::" + melted[VERSION].astype(str)
    left = {theirs: ours for theirs, ours in request.columns.items() if theirs not in wide}
    return melted, replace(request, columns=left)
