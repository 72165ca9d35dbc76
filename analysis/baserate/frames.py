"""Tables that an object keeps for itself, handing out copies."""

from __future__ import annotations

from typing import Any

import pandas as pd


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
