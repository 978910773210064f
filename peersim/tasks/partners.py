"""Scripted partners: they move by a script, in any task, and cost no model call."""

from collections.abc import Sequence
from statistics import fmean

from peersim.answers import Chosen
from peersim.events.deeds import Acted
from peersim.events.log import AnyEvent
from peersim.prompts.library import load_data
from peersim.seeding import SeedTree
from peersim.tasks.base import Ask
from peersim.tasks.scripts import MIDDLE, AnyScript, Toward


class Partner:
    """One who moves by a script."""

    def __init__(self, name: str, script: AnyScript, seeds: SeedTree) -> None:
        """Follow a script.

        Args:
            name: The partner's name.
            script: What it moves by.
            seeds: Seeds of its own, so that no sibling changes what it does.
        """
        self.name = name
        self._script = script
        self._seeds = seeds
        self._chances: dict[tuple[tuple[str, ...], tuple[str, ...]], int] = {}

    def answer(self, ask: Ask, events: Sequence[AnyEvent]) -> tuple[Chosen, str]:
        """Return the partner's move and what it says with it.

        Towards each partner of its own it counts chances apart, as if it met only that one, and
        so it does for each kind of move, as if there were only that one. Where the ask has a
        place, that is the chance, so that nobody else decides which chances are left out.

        Args:
            ask: What it is asked.
            events: What happened so far.
        """
        series = (ask.partners, ask.scripted)
        count = self._chances.get(series, 0)
        chance = count if ask.place is None else ask.place
        seeds = self._seeds.child(*ask.partners)
        if ask.scripted:
            seeds = seeds.child("move", *ask.scripted)
        # A move that nobody is treated by uses no chance up.
        directed = any(move.directed for move in ask.moves)
        self._chances[series] = count + directed
        received = received_by(self.name, ask.partners, events)
        share = self._rule(ask.partners).share(chance, received, seeds)
        names = ask.scripted or tuple(move.name for move in ask.moves)
        chosen = names[round((1 - share) * (len(names) - 1))]
        move = next(move for move in ask.moves if move.name == chosen)
        said = self._words(share, seeds, chance)
        if isinstance(self._script, Toward) and move.recipients:
            each = {
                name: self._script.to(name).share(chance, received, seeds.child("to", name))
                for name in move.recipients
            }
            return Chosen(move=move.name, arguments=move.toward_each(each)), said
        return Chosen(move=move.name, arguments=move.toward(share)), said

    def _rule(self, partners: tuple[str, ...]) -> AnyScript:
        """Return the rule towards those whom a move is directed at."""
        if isinstance(self._script, Toward) and len(partners) == 1:
            return self._script.to(partners[0])
        return self._script

    def _words(self, share: float, seeds: SeedTree, chance: int) -> str:
        says = self._script.says
        if says == "fitting":
            says = "warm" if share >= MIDDLE else "cold"
        if says == "silent":
            return ""
        lines: dict[str, list[str]] = load_data("partner_lines")
        return seeds.child("talk", chance).rng().choice(lines[says])


def received_by(
    name: str, partners: tuple[str, ...], events: Sequence[AnyEvent]
) -> tuple[float, ...]:
    """Return how kindly someone was treated in each round in which it was, from 0 to 1, in order.

    A round counts once, however many did something and in whatever order: by the mean of their
    acts. Acts with a middle (``Acted.centred``) raise or lower that mean by how far they lie from
    it, and none at all where nothing was done.

    Args:
        name: To whom.
        partners: By whom; empty for anyone.
        events: What happened so far; of a round that still goes on, what there is of it.
    """
    rounds: dict[int, list[Acted]] = {}
    acts = (e for e in events if isinstance(e, Acted) and e.target == name)
    for act in acts:
        if not partners or act.actor in partners:
            rounds.setdefault(act.round, []).append(act)
    return tuple(_kindness(acts) for acts in rounds.values())


def _kindness(acts: Sequence[Acted]) -> float:
    """Return the kindness of a round's acts; ``fmean`` gives the same in whatever order."""
    plain = [act.kindness for act in acts if not act.centred]
    more = [act.kindness - MIDDLE for act in acts if act.centred]
    found = (fmean(plain) if plain else MIDDLE) + (fmean(more) if more else 0.0)
    return min(max(found, 0.0), 1.0)
