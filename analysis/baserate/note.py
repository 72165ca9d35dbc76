"""Notes that code can tell apart, and how much of one is shown."""

from __future__ import annotations

from collections.abc import Iterable


class Note(str):
    """A sentence for the reader, with a code by which programs know it; rewording it changes nothing but the words.

    It is a string in every way: equality, printing and JSON are those of its text.

    Parameters
    ----------
    code : str
        Short, in kebab case: ``"no-prompt-column"``.
    text : str
        The whole of it.
    brief : str, optional
        What is shown in its place beside an answer, where the whole takes more than a line. Notes of one code with the
        same brief text are shown once.

    Examples
    --------
    >>> note = Note("no-events", "No event in a.")
    >>> note, note.code, note == "No event in a."
    ('No event in a.', 'no-events', True)
    """

    code: str
    brief: str

    def __new__(cls, code: str, text: str, brief: str = "") -> Note:
        """Make a string that keeps its code."""
        note = super().__new__(cls, text)
        note.code = code
        note.brief = brief or text
        return note

    def __getnewargs__(self) -> tuple[str, str, str]:  # type: ignore[override]  # str's own takes its text alone
        """Give pickle and copy what makes the same note."""
        return self.code, str(self), self.brief


def brief(notes: Iterable[str]) -> list[str]:
    """Shorten notes to what stands beside an answer, each once.

    Parameters
    ----------
    notes : iterable of str

    Returns
    -------
    list of str
    """
    return list(dict.fromkeys(note.brief if isinstance(note, Note) else str(note) for note in notes))


def has_more(notes: Iterable[str]) -> list[str]:
    """Select the notes that say more than what is shown of them.

    Parameters
    ----------
    notes : iterable of str

    Returns
    -------
    list of str
    """
    return [note for note in notes if isinstance(note, Note) and note.brief != str(note)]


def codes(notes: Iterable[str]) -> set[str]:
    """Collect the codes of notes.

    Parameters
    ----------
    notes : iterable of str

    Returns
    -------
    set of str
        Without those that carry none.
    """
    return {note.code for note in notes if isinstance(note, Note)}


def code_of(note: str) -> str:
    """Return the code of a note.

    Parameters
    ----------
    note : str

    Returns
    -------
    str
        Empty where it carries none.
    """
    return note.code if isinstance(note, Note) else ""


def coded(note: str) -> dict[str, str]:
    """Write a note for JSON.

    Parameters
    ----------
    note : str

    Returns
    -------
    dict
        ``code`` (empty where it carries none) and ``text``.
    """
    return {"code": code_of(note), "text": str(note)}


def worded(message: Warning | str) -> str:
    """Return what a warning says; a note that was warned of stays one.

    Parameters
    ----------
    message : Warning or str

    Returns
    -------
    str
    """
    said = message.args[0] if isinstance(message, Warning) and message.args else message
    return said if isinstance(said, Note) else str(said)
