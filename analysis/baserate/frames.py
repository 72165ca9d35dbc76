"""Tables: those that an object keeps for itself, handing out copies; and those that a user hands over."""

from __future__ import annotations

from typing import Any

import pandas as pd

_CELLS = 1000  # that are looked at


class OwnFrames:
    """An attribute that holds a table, or several by name, and hands out copies: nobody changes them from outside."""

    def __set_name__(self, owner: type, name: str) -> None:
        """Keep the tables under the attribute's name in the instance."""
        self._name = name

    def __get__(self, instance: object, owner: type | None = None) -> Any:
        """Hand out a copy; the class itself has no table."""
        if instance is None:
            raise AttributeError(self._name)
        return _copied(instance.__dict__[self._name])

    def __set__(self, instance: object, value: Any) -> None:
        """Keep a copy of what was given."""
        instance.__dict__[self._name] = _copied(value)


def own_frames(*names: str) -> Any:
    """Make attributes of a dataclass hand out copies of their tables.

    Parameters
    ----------
    *names : str
        Fields that hold a DataFrame or a dictionary of them.

    Returns
    -------
    callable
        A decorator, to stand above ``@dataclass``.
    """

    def decorate(cls: type) -> type:
        for name in names:
            guard = OwnFrames()
            guard.__set_name__(cls, name)
            setattr(cls, name, guard)
        return cls

    return decorate


def _copied(value: Any) -> Any:
    if isinstance(value, pd.DataFrame):
        return value.copy()
    return {name: table.copy() for name, table in value.items()}


def plain_frame(table: pd.DataFrame) -> pd.DataFrame:
    """Bring a user's table to names that are text, an index that says nothing, and cells that can be counted.

    Parameters
    ----------
    table : DataFrame
        Perhaps with columns called 0 or None, a named index, or lists and tuples in its cells.

    Returns
    -------
    DataFrame
        The table itself where all is well. A named index becomes a column, unless there is a column of that name;
        lists and objects become the text that Python writes for them.
    """
    if not isinstance(table.index, pd.RangeIndex):
        told = {name: table.index.get_level_values(i) for i, name in enumerate(table.index.names) if name is not None}
        told = {name: values for name, values in told.items() if name not in table.columns}
        table = table.reset_index(drop=True).assign(**{str(name): values for name, values in told.items()})
    if not all(isinstance(name, str) and name for name in table.columns):
        table = table.set_axis([_name(name) for name in table.columns], axis=1)
    listed = [name for name in table.columns if table.columns.is_unique and _holds_objects(table[name])]
    return table.assign(**{name: table[name].map(str, na_action="ignore") for name in listed}) if listed else table


def _holds_objects(column: pd.Series) -> bool:
    """Tell a column of lists or objects, such as the messages of a prompt, by cells all over it."""
    if column.dtype != object:
        return False
    return not all(map(pd.api.types.is_scalar, column.iloc[:: max(1, len(column) // _CELLS)]))


def _name(name: object) -> str:
    return ", ".join(map(str, name)) if isinstance(name, tuple) else str(name) or "unnamed"
