"""The relationship graphs of the page: one picture for all arms that share their histories."""

from collections.abc import Mapping, Sequence

from peersim.analysis.arms import Arm, arm_label
from peersim.events.log import AnyEvent
from peersim.readings.rows import TrialRow
from peersim.report.figures import as_json
from peersim.report.graph import Film, film
from peersim.report.graph_figure import graph_figure
from peersim.report.opened import Library
from peersim.report.page import Picture, Section
from peersim.report.tables import Table
from peersim.store.view import RunView

# Pictures on a page, and the histories that each is the mean of.
DRAWN, HISTORIES = 24, 30


def graphs(run: RunView, grouped: Sequence[tuple[Arm, Sequence[TrialRow]]]) -> Section:
    """Return the relationship graphs; arms that are forked from the same histories share one.

    Args:
        run: The run or sweep.
        grouped: Its rows by arm.
    """
    library = Library(run)
    pictures: list[Picture] = []
    left = 0
    for arms, trials in _pasts(grouped):
        if len(pictures) == DRAWN:
            left += 1
        elif events := _lived(library, trials):
            pictures.append(_picture(len(pictures), arms, film(events)))
    notes = [
        "An arrow is what one agent did to another, by its acts. Width and colour are the weight:"
        " from 0, nothing but harm (blue, thin), to 1, nothing but help (red, wide). In the grid"
        " of larger groups a row gives and a column gets."
        " Move the slider to see the graph as it stood after each round."
        if pictures
        else "Nothing was lived in any arm, so that there is no graph."
    ]
    if left:
        notes.append(f"{left} more sets of histories are not drawn; peersim graph TRIAL shows any.")
    return Section(
        slug="graphs",
        title="Relationships over the rounds",
        notes=tuple(notes),
        parts=tuple(pictures),
    )


def _pasts(
    grouped: Sequence[tuple[Arm, Sequence[TrialRow]]],
) -> list[tuple[list[Arm], dict[str, str]]]:
    """Return each set of histories once: its arms, and a trial of each history by its id."""
    found: dict[frozenset[str], tuple[list[Arm], dict[str, str]]] = {}
    for arm, rows in grouped:
        trials: dict[str, str] = {}
        for row in rows:
            if row.history_id is not None:
                trials.setdefault(row.history_id, row.trial_id)
        if trials:
            found.setdefault(frozenset(trials), ([], trials))[0].append(arm)
    return list(found.values())


def _lived(library: Library, trials: Mapping[str, str]) -> list[Sequence[AnyEvent]]:
    """Return the events of the first histories; none where nothing was lived."""
    found: list[Sequence[AnyEvent]] = []
    for trial_id in list(trials.values())[:HISTORIES]:
        _, history = library.trial(trial_id)
        if history is not None:
            if not history.spec.task:
                return []
            found.append(history.events)
    return found


def _picture(number: int, arms: Sequence[Arm], found: Film) -> Picture:
    label = arm_label(arms[0])
    beside = len(arms) - 1
    more = f" and {beside} more {'arm' if beside == 1 else 'arms'} of the same histories"
    return Picture(
        slug=f"graph-{number}",
        title=f"{label}{more if beside else ''} (mean of {found.histories} histories)",
        figure=as_json(graph_figure(found)),
        table=Table(
            slug=f"graph-{number}-table",
            title="Ties by round",
            columns=("rounds played", "from", "to", "weight"),
            rows=tuple(
                (str(frame.rounds), source, target, f"{weight:.3f}")
                for frame in found.frames
                for (source, target), weight in frame.weights.items()
            ),
            note="Beta reputation with a uniform prior: 0 nothing but harm, 1 nothing but help.",
        ),
    )
