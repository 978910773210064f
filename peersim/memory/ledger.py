"""Ledger memory: what each did to whom, added up from the acts, without any model."""

from collections.abc import Sequence
from typing import ClassVar, Literal

from peersim.events.acts import Tally, Tie, fold_named
from peersim.events.deeds import Acted, Lapsed
from peersim.events.log import AnyEvent, EventLog
from peersim.events.talk import Noted
from peersim.frozen import Frozen
from peersim.memory.base import Item, Recollection
from peersim.memory.telling import heard_by, tell
from peersim.models.line import Line
from peersim.prompts.render import render


class Ledger(Frozen):
    """Peer by peer, how much of each kind of act was done out of what could have been.

    What was said is not in it: acts alone count. A chance that was not taken stays an entry with
    an amount of zero, so that nothing done and nothing possible are told apart.
    """

    by_model: ClassVar[bool] = False

    kind: Literal["ledger"] = "ledger"

    async def recollect(self, log: EventLog, agent: str, line: Line) -> Recollection:
        """Return one item for each kind of act between two agents, citing every act in it.

        A peer's moves that were never made follow its acts, as one item citing each of them.
        Notes, as a placebo shows them, stay what they are.
        """
        witnessed = [(name, event) for name, event in log.items() if heard_by(event, agent)]
        # What can be both kind and unkind is no sum of one kind of act; it is told act by act.
        ties = fold_named((name, event) for name, event in witnessed if not _centred(event))
        lapses = _lapses(witnessed)
        entries: dict[tuple[object, ...], Item] = {}
        for peer in _peers(ties, lapses, agent):
            for tie in sorted(ties, key=lambda tie: _place(tie, peer, agent)):
                if peer in (tie.actor, tie.target):
                    entries.setdefault(tie, _entry(tie, ties[tie]))
            if peer in lapses:
                entries[(peer,)] = _lapsed(peer, lapses[peer])
        notes = tuple(
            Item(text=tell(event) or "", cites=(name,))
            for name, event in witnessed
            if isinstance(event, Noted) or _centred(event)
        )
        return Recollection(items=(*entries.values(), *notes))


def _centred(event: AnyEvent) -> bool:
    return isinstance(event, Acted) and event.centred


def _peers(ties: dict[Tie, Tally], lapses: dict[str, tuple[str, ...]], agent: str) -> list[str]:
    """Return everyone else who acted, was acted on or let a move lapse, as they first appear."""
    acting = [name for tie in ties for name in (tie.actor, tie.target)]
    return [name for name in dict.fromkeys([*acting, *lapses]) if name != agent]


def _place(tie: Tie, peer: str, agent: str) -> int:
    """Return where a tie stands in a peer's part of the ledger.

    What the peer did to the agent comes first, then what the agent did to the peer, and what
    passed between the peer and others last.
    """
    order = {(peer, agent): 0, (agent, peer): 1}
    return order.get((tie.actor, tie.target), 2 if tie.actor == peer else 3)


def _entry(tie: Tie, tally: Tally) -> Item:
    text = render(
        "ledger_entry.md.j2",
        tie=tie,
        amount=tally.amount,
        maximum=tally.maximum,
        count=tally.count,
        opportunities=tally.opportunities,
    )
    return Item(text=text, cites=tally.events)


def _lapses(items: Sequence[tuple[str, AnyEvent]]) -> dict[str, tuple[str, ...]]:
    """Return the ids of each agent's lapsed moves, in order."""
    found: dict[str, tuple[str, ...]] = {}
    for name, event in items:
        if isinstance(event, Lapsed):
            found[event.agent] = (*found.get(event.agent, ()), name)
    return found


def _lapsed(peer: str, events: tuple[str, ...]) -> Item:
    text = render("ledger_lapsed.md.j2", agent=peer, count=len(events))
    return Item(text=text, cites=events)
