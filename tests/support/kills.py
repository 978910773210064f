"""How much of a study its store holds: while it runs, and once it was killed."""

import sqlite3

from peersim.store.schema import FILE


def journalled(run, mode="ro"):
    """How many calls a store holds; 0 before there is a store."""
    try:
        with sqlite3.connect(f"{(run / FILE).as_uri()}?mode={mode}", uri=True) as connection:
            return connection.execute("SELECT COUNT(*) FROM calls").fetchone()[0]
    except sqlite3.Error:
        return 0


def kept(run):
    """How many calls the store of a process that was killed holds.

    Killed between a commit and the note of it beside the log, a process leaves a commit that a
    connection which only reads does not see. One that may write finds it first.
    """
    return journalled(run, "rw")
