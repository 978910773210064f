"""The tables of histories and of the acts in them."""

from collections.abc import Iterator

from peersim.events.calls import Called
from peersim.events.deeds import Act, Acted, Lapsed, Moved
from peersim.events.log import event_id
from peersim.events.marks import RoundBegan
from peersim.history.spec import History
from peersim.record import total_usage
from peersim.study.exporting.column import Row, Table, count, number, text, texts, truth

_SIMULATED = truth("simulated", "Whether any model that played in the history was a stand-in.")
HISTORIES = Table(
    name="histories",
    doc="One row a lived history; trials name theirs by history_id.",
    columns=(
        text("history_id", "The history; equal exactly when what decides it is equal."),
        text("job", "The job of a sweep that it was first found in; empty outside a sweep."),
        count("replicate", "Which of its arms' histories, from 0."),
        count("seed", "The study's root seed."),
        text("task", "What was done together; empty where nothing was."),
        text("topology", "Who met whom."),
        count("delay", "Rounds of work alone after the task.", "rounds"),
        texts("agents", "Who took part, in the order of play."),
        texts("personas", "The persona of each, in the same order."),
        texts("scripts", "The script of each, in the same order; 'none' where a model played."),
        texts("models", "The model of each, as asked for, in the same order."),
        count("rounds", "Rounds of the task that were begun.", "rounds"),
        count("moves", "Legal moves.", "moves"),
        count("lapses", "Chances to move that passed unused.", "moves"),
        count("acts", "Chances to act towards a named other, used or not.", "acts"),
        count("calls", "Answered model calls.", "calls"),
        count("input_tokens", "Tokens of those calls; empty if unknown.", "tokens"),
        count("output_tokens", "Tokens written; empty if unknown.", "tokens"),
        number("cost_usd", "What they cost; empty if unknown.", "USD"),
        text("failed_origin", "Where the failure came from that cut it short; empty if whole."),
        text("failed_cause", "What failed; empty if whole."),
        _SIMULATED,
    ),
)
ACTS = Table(
    name="acts",
    doc="One row a chance of one agent to do something to a named other, used or not.",
    columns=(
        text("history_id", "The history in which it was."),
        text("event_id", "Its event in the history's log; edges cite it."),
        count("round", "The round of the task, from 1."),
        text("actor", "Who had the chance."),
        text("target", "Towards whom."),
        text("act", f"What: {', '.join(Act)}."),
        number("amount", "How much was done.", "the task's unit"),
        number("maximum", "How much could have been done.", "the task's unit"),
        number("share", "amount / maximum.", "1"),
        number("kindness", "The share, or what was left undone if the act harms.", "1"),
        truth("centred", "Whether nothing done is half of the maximum."),
        number("points", "What the other got by it; empty if no matter of points.", "points"),
        text("deed", "The wording it is told in; empty for that of its kind."),
        texts("seen_by", "Who else saw it; empty for everyone."),
        _SIMULATED,
    ),
)


def simulated(history: History) -> bool:
    """Return whether any model that played in a history was a stand-in."""
    return any(member.model.simulated for member in history.spec.players)


def history_row(history: History, name: str, job: str) -> Row:
    """Return the row of a history under a name."""
    spec, used, failed = history.spec, total_usage(history.events), history.failed
    counts = {
        column: sum(isinstance(event, kind) for event in history.events)
        for column, kind in _KINDS.items()
    }
    return {
        "history_id": name,
        "job": job,
        "replicate": spec.replicate,
        "seed": spec.seed,
        "task": spec.task.kind if spec.task else None,
        "topology": spec.topology,
        "delay": spec.delay,
        "agents": [member.name for member in spec.cast],
        "personas": [member.persona.name for member in spec.cast],
        "scripts": [member.script.kind if member.script else "none" for member in spec.cast],
        "models": [member.model.ref for member in spec.cast],
        **counts,
        "input_tokens": used.input_tokens,
        "output_tokens": used.output_tokens,
        "cost_usd": used.cost_usd,
        "failed_origin": failed.origin if failed else None,
        "failed_cause": failed.cause if failed else None,
        "simulated": simulated(history),
    }


_KINDS = {"rounds": RoundBegan, "moves": Moved, "lapses": Lapsed, "acts": Acted, "calls": Called}


def act_rows(history: History, name: str) -> Iterator[Row]:
    """Iterate over the acts of a history under a name, in the order of its log."""
    stand_in = simulated(history)
    for position, event in enumerate(history.events):
        if isinstance(event, Acted):
            yield {
                "history_id": name,
                "event_id": event_id(position),
                "round": event.round,
                "actor": event.actor,
                "target": event.target,
                "act": event.act.value,
                "amount": event.amount,
                "maximum": event.maximum,
                "share": event.share,
                "kindness": event.kindness,
                "centred": event.centred,
                "points": event.points,
                "deed": event.deed,
                "seen_by": None if event.seen_by is None else list(event.seen_by),
                "simulated": stand_in,
            }
