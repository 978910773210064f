"""The writer: rows that may be put together are, and nothing is lost or changed by it."""

import sqlite3

from hypothesis import given
from hypothesis import strategies as st

from peersim.store.writer import Statement, combined

ROWS = "INSERT OR IGNORE INTO rows VALUES"


@given(st.lists(st.tuples(st.integers(0, 40), st.text(max_size=5)), max_size=200))
def test_many_rows_at_once_leave_what_each_alone_would(rows):
    alone, together = sqlite3.connect(":memory:"), sqlite3.connect(":memory:")
    for connection in (alone, together):
        connection.execute("CREATE TABLE rows (key INTEGER PRIMARY KEY, said TEXT)")
    for row in rows:
        alone.execute(f"{ROWS} (?, ?)", row)
    for text, values in combined(Statement(ROWS, row, many=True) for row in rows):
        together.execute(text, values)
    read = "SELECT key, said FROM rows ORDER BY key"
    assert together.execute(read).fetchall() == alone.execute(read).fetchall()


def test_rows_become_few_statements_and_few_different_ones():
    found = list(combined([Statement(ROWS, (n, "x"), many=True) for n in range(200)]))
    assert [text.count("(") for text, _ in found] == [64, 64, 64, 8]
    assert sum(len(values) for _, values in found) == 400
    # Older SQLite takes no more values than this, and a call has fifteen.
    assert 64 * 15 < 999


def test_what_may_not_be_put_together_keeps_its_place():
    one = Statement("DELETE FROM rows", ())
    two = Statement("INSERT INTO rows VALUES (?, ?)", (1, "x"))
    assert list(combined([one, two, one])) == [(one.text, ()), (two.text, (1, "x")), (one.text, ())]
