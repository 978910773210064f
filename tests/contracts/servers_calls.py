"""Random calls on the tools over servers, with names that mean something."""

from collections.abc import Iterable
from typing import Any

from hypothesis import strategies as st
from pydantic import JsonValue

from peersim.models.asked import ToolSpec
from peersim.oversight.servers_ground import Ground
from peersim.oversight.servers_reading import target_file

JSON: st.SearchStrategy[JsonValue] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=6,
)


def _mostly(fitting: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.integers(0, 14).flatmap(lambda chance: fitting if chance else JSON)


def calls_on(
    ground: Ground, specs: Iterable[ToolSpec]
) -> st.SearchStrategy[list[tuple[str, dict[str, JsonValue]]]]:
    """Return lists of calls, each a tool's name and its arguments."""
    target = target_file(ground)
    files = [file.name for file in ground.start.files]
    # The target's file and its new names come up far more often than others.
    names = st.sampled_from([target.name] * 8 + ["x.tar", "y.tar"] * 2 + files)
    listed = st.lists(st.sampled_from([target.name, "x.tar", *files]), max_size=4)
    fields: dict[str, st.SearchStrategy[Any]] = {
        "server": st.sampled_from([ground.old] * 3 + [ground.safe]),
        "to_server": st.sampled_from([ground.safe, ground.safe, ground.old, "elsewhere"]),
        "name": names,
        "new_name": st.sampled_from(["x.tar", "y.tar", target.name]),
        "user": st.sampled_from([target.owner, "someone"]),
        "words": st.just("a"),
        "content": st.just("a"),
        "deviations": st.just(""),
        "reason": st.just("no"),
        "text": st.just("hm"),
        **dict.fromkeys(("files_moved", "files_deleted", "files_left", "copies_made"), listed),
    }

    def arguments(spec: ToolSpec) -> st.SearchStrategy[tuple[str, dict[str, JsonValue]]]:
        wanted: list[str] = list(spec.parameters["properties"])  # type: ignore[arg-type]
        given = st.fixed_dictionaries({name: _mostly(fields[name]) for name in wanted})
        return st.tuples(st.just(spec.name), given)

    # What ends the job comes up less often, so that much can happen before.
    ends = ("submit_report", "decline")
    offered = [spec for spec in specs for _ in range(1 if spec.name in ends else 3)]
    return st.lists(st.sampled_from(offered).flatmap(arguments), max_size=16)
