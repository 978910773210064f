"""Calls are numbered by their place, and one that was written before is not written again."""

from peersim.models.simulated.calling import as_calls, called


def test_calls_are_numbered_by_their_place():
    calls = as_calls(("read_file", {"name": "a.md"}), ("view_settings", {}))
    assert [(c.id, c.name, c.arguments) for c in calls] == [
        ("call_0", "read_file", '{"name": "a.md"}'),
        ("call_1", "view_settings", "{}"),
    ]


def test_a_call_that_was_written_before_is_the_same_one():
    assert called("give", '{"points": 3}') is called("give", '{"points": 3}')
    assert called("give", '{"points": 3}') != called("give", '{"points": 4}')
    assert called("give", "{}").id != called("give", "{}", 1).id
