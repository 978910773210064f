"""The repeated two-player game with two options each, chosen at the same time, with free talk.

Prisoner's dilemma, stag hunt and chicken (Rapoport and Guyer, 1966) are payoff tables of it.
"""

from collections.abc import Generator, Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from peersim.answers import Answer
from peersim.events.deeds import Act, Acted, Paid
from peersim.events.log import AnyEvent
from peersim.events.marks import RoundBegan
from peersim.frozen import Frozen, later
from peersim.prompts.render import render
from peersim.seeding import SeedTree
from peersim.tasks.answers import moved, whole
from peersim.tasks.base import Ask, Play, Step
from peersim.tasks.moves import Move, Whole
from peersim.tasks.promises import OPTION, Promises, kept, promise_ask, promised

CHOOSE = "choose_option"
Points = Annotated[int, Field(ge=0)]
Game = Literal["prisoners_dilemma", "stag_hunt", "chicken"]
# An action's name is put into sentences; a digit in it would look like a payoff.
ActionName = Annotated[str, Field(pattern=r"^[A-Za-z]+$")]


class Payoffs(Frozen):
    """What one player gets, by its own action and the other's; the same for both players.

    No number is below zero: a round that pays nothing for want of a choice is never a gain.

    Attributes:
        reward: Both take the cooperative action.
        sucker: The player takes it and the other does not.
        temptation: The other takes it and the player does not.
        punishment: Neither takes it.
    """

    reward: Points
    sucker: Points
    temptation: Points
    punishment: Points

    def of(self, own: bool, other: bool) -> int:
        """Return a player's points, by who of the two took the cooperative action."""
        if own:
            return self.reward if other else self.sucker
        return self.temptation if other else self.punishment


TABLES: Mapping[Game, Payoffs] = {
    "prisoners_dilemma": Payoffs(reward=3, sucker=0, temptation=5, punishment=1),
    "stag_hunt": Payoffs(reward=5, sucker=0, temptation=3, punishment=2),
    "chicken": Payoffs(reward=3, sucker=1, temptation=5, punishment=0),
}


class MatrixGame(Frozen):
    """The repeated 2x2 game for two.

    Attributes:
        game: A named payoff table; None if ``payoffs`` are given.
        payoffs: A payoff table of one's own; None if ``game`` names one.
        rounds: How many rounds.
        actions: What the cooperative action and the other one are called.
        cooperative_option: Which of the two numbered options is the cooperative action.
        promises: Whether each can promise the other an option before the choice.
    """

    group: ClassVar[tuple[int, int]] = (2, 2)

    kind: Literal["matrix_game"] = "matrix_game"
    game: Game | None = "prisoners_dilemma"
    payoffs: Payoffs | None = None
    rounds: int = Field(default=4, ge=1)
    actions: tuple[ActionName, ActionName] = ("Amber", "Cobalt")
    cooperative_option: Literal[1, 2] = 1
    promises: bool = later(False)

    @model_validator(mode="after")
    def _is_one_table_with_two_actions(self) -> "MatrixGame":
        if (self.game is None) == (self.payoffs is None):
            raise ValueError("give either a game or payoffs, and set the other to null")
        if self.actions[0].casefold() == self.actions[1].casefold():
            raise ValueError("the two actions have the same name")
        return self

    @property
    def table(self) -> Payoffs:
        """The payoffs that are played for."""
        if self.payoffs:
            return self.payoffs
        assert self.game is not None, "a game without a table"  # the validator saw to it
        return TABLES[self.game]

    def cooperates(self, option: int) -> bool:
        """Return whether an option is the cooperative action."""
        return option == self.cooperative_option

    def name(self, option: int) -> str:
        """Return what an option is called."""
        return self.actions[0] if self.cooperates(option) else self.actions[1]

    def rules(self, player: str, players: tuple[str, ...]) -> str:
        """Return the rules as shown to one player, with the payoff of every pair of options."""
        other = next(name for name in players if name != player)
        pairs = [(mine, theirs) for mine in (1, 2) for theirs in (1, 2)]
        lines = [self._line(mine, theirs) for mine, theirs in pairs]
        names = (self.name(1), self.name(2))
        return render("matrix_game_rules.md.j2", game=self, other=other, names=names, lines=lines)

    def _line(self, mine: int, theirs: int) -> dict[str, str | int]:
        own, other = self.cooperates(mine), self.cooperates(theirs)
        return {
            "mine": self.name(mine),
            "theirs": self.name(theirs),
            "own_points": self.table.of(own, other),
            "other_points": self.table.of(other, own),
        }

    def play(self, players: tuple[str, ...], seeds: SeedTree) -> Play:
        """Play all rounds. The game itself draws nothing."""
        first, second = players
        news: dict[str, str | None] = {first: None, second: None}
        for number in range(1, self.rounds + 1):
            news = yield from self._round(number, first, second, news)
        yield Step()

    def _round(
        self, number: int, first: str, second: str, news: Mapping[str, str | None]
    ) -> Generator[Step, tuple[Answer, ...], dict[str, str | None]]:
        """Play one round; return what each player has still to be told."""
        opening: tuple[AnyEvent, ...] = (RoundBegan(round=number),)
        made: Promises = {}
        if self.promises:
            made = yield from self._promise(number, first, second, news)
            news, opening = dict.fromkeys(news), ()
        asks = (
            self._ask(number, first, second, news[first], made),
            self._ask(number, second, first, news[second], made),
        )
        answers = yield Step(events=opening, asks=asks)
        options = {first: whole(answers[0], OPTION), second: whole(answers[1], OPTION)}
        moves = [moved(number, a, r) for a, r in zip((first, second), answers, strict=True)]
        yield Step(events=(*moves, *kept(number, made, options), *self._deeds(number, options)))
        return {
            first: self._result(number, first, second, options),
            second: self._result(number, second, first, options),
        }

    def _promise(
        self, number: int, first: str, second: str, news: Mapping[str, str | None]
    ) -> Generator[Step, tuple[Answer, ...], Promises]:
        """Let both promise an option, at the same time; this opens the round."""
        names, welcome = (self.name(1), self.name(2)), self.cooperative_option
        asks = tuple(
            promise_ask(number, self.rounds, pair, names, welcome, news[pair[0]])
            for pair in ((first, second), (second, first))
        )
        answers = yield Step(events=(RoundBegan(round=number),), asks=asks)
        given = dict(zip((first, second), answers, strict=True))
        yield Step(events=tuple(moved(number, who, answer) for who, answer in given.items()))
        return promised(given)

    def _ask(self, number: int, player: str, other: str, news: str | None, made: Promises) -> Ask:
        names = (self.name(1), self.name(2))
        said = {
            who: f"option {made[who]} ({self.name(made[who])})" if who in made else "no option"
            for who in (player, other)
        }
        text = render(
            "matrix_game_ask.md.j2",
            game=self,
            round=number,
            other=other,
            names=names,
            news=news,
            promises={"own": said[player], "other": said[other]} if self.promises else None,
            move=CHOOSE,
        )
        kind = self.cooperative_option
        move = Move(
            name=CHOOSE,
            description=f"Choose option 1 ({names[0]}) or option 2 ({names[1]}).",
            fields=(Whole(name=OPTION, low=1, high=2),),
            kindest=(kind,),
            unkindest=(3 - kind,),
        )
        return Ask(agent=player, round=number, text=text, moves=(move,), partners=(other,))

    def _result(
        self, number: int, player: str, other: str, options: Mapping[str, int | None]
    ) -> str:
        mine, theirs = options[player], options[other]
        if mine is None or theirs is None:
            idle = ["you"] * (mine is None) + [other] * (theirs is None)
            return render("matrix_game_nothing.md.j2", round=number, idle=idle)
        line = self._line(mine, theirs)
        return render("matrix_game_result.md.j2", round=number, other=other, line=line)

    def _deeds(self, number: int, options: Mapping[str, int | None]) -> tuple[AnyEvent, ...]:
        """Return the acts and payoffs of a round; without both choices it pays and does nothing."""
        chosen = {who: self.cooperates(o) for who, o in options.items() if o is not None}
        first, second = options
        if len(chosen) < len(options):
            return tuple(Paid(round=number, agent=who, points=0) for who in options)
        pairs = ((first, second), (second, first))
        acts = [act for pair in pairs for act in self._acts(number, *pair, chosen)]
        paid = [
            Paid(round=number, agent=a, points=self.table.of(chosen[a], chosen[b]))
            for a, b in pairs
        ]
        return (*acts, *paid)

    def _acts(
        self, number: int, actor: str, target: str, chosen: Mapping[str, bool]
    ) -> tuple[Acted, ...]:
        """Return what a choice did to the other, given what the other chose.

        The measure is what the other got above the least that the actor could have left it. A
        choice that changes nothing for the other is no act.
        """
        got = self.table.of(chosen[target], chosen[actor])
        least = min(got, self.table.of(chosen[target], not chosen[actor]))
        most = max(got, self.table.of(chosen[target], not chosen[actor]))
        if most == least:
            return ()
        act = Acted(
            round=number,
            actor=actor,
            target=target,
            act=Act.HELPED,
            amount=got - least,
            maximum=most - least,
            deed="let_have",
            points=got - least,
        )
        return (act,)
