"""The repeated trust game: what is sent is multiplied, and the receiver may give some back.

Berg, Dickhaut and McCabe (1995), repeated, with the roles alternating each round and free talk.
"""

from collections.abc import Generator
from functools import cached_property
from typing import ClassVar, Literal

from pydantic import Field

from peersim.answers import Answer, Chosen
from peersim.events.deeds import Act, Acted, Paid
from peersim.events.log import AnyEvent
from peersim.events.marks import RoundBegan
from peersim.frozen import Frozen
from peersim.prompts.render import render
from peersim.seeding import SeedTree
from peersim.tasks.answers import moved, whole
from peersim.tasks.base import Ask, Play, Step
from peersim.tasks.moves import whole_move

SEND = "send_points"
GIVE_BACK = "give_back_points"


class TrustGame(Frozen):
    """The repeated trust game for two.

    Attributes:
        rounds: How many rounds; the first player sends in odd rounds, the second in even ones.
        endowment: Points that the sender gets each round.
        multiplier: What each sent point becomes.
    """

    group: ClassVar[tuple[int, int]] = (2, 2)

    kind: Literal["trust_game"] = "trust_game"
    rounds: int = Field(default=4, ge=1)
    endowment: int = Field(default=10, ge=1)
    multiplier: int = Field(default=3, ge=1)

    @cached_property
    def _terms(self) -> dict[str, int]:
        """The numbers that the texts tell, which are those that decide the payoffs."""
        return {
            "rounds": self.rounds,
            "endowment": self.endowment,
            "multiplier": self.multiplier,
        }

    def rules(self, player: str, players: tuple[str, ...]) -> str:
        """Return the rules as shown to one player."""
        other = next(name for name in players if name != player)
        return render("trust_game_rules.md.j2", other=other, **self._terms)

    def play(self, players: tuple[str, ...], seeds: SeedTree) -> Play:
        """Play all rounds. The game itself draws nothing."""
        first, second = players
        news: dict[str, tuple[str, ...]] = {first: (), second: ()}
        for number in range(1, self.rounds + 1):
            sender, receiver = (first, second) if number % 2 else (second, first)
            news = yield from self._round(number, sender, receiver, news)
        yield Step()

    def _round(
        self, number: int, sender: str, receiver: str, news: dict[str, tuple[str, ...]]
    ) -> Generator[Step, tuple[Answer, ...], dict[str, tuple[str, ...]]]:
        """Play one round; return what each player has still to be told."""
        ask = self._send_ask(number, sender, receiver, news[sender])
        (answer,) = yield Step(events=(RoundBegan(round=number),), asks=(ask,))
        sent = _points(answer)
        pot = sent * self.multiplier
        events = _deeds(
            number, sender, receiver, Act.HELPED, answer, self.endowment, self.multiplier
        )
        if not pot:
            payoffs = self._payoffs(number, sender, receiver, sent, 0, answer)
            yield Step(events=(*events, *payoffs))
            told = render("trust_game_nothing.md.j2", round=number, sender=sender)
            return {sender: (), receiver: (*news[receiver], told)}
        ask = self._back_ask(number, sender, receiver, sent, news[receiver])
        (reply,) = yield Step(events=events, asks=(ask,))
        back = _points(reply)
        events = _deeds(number, receiver, sender, Act.SHARED, reply, pot, 1)
        yield Step(events=(*events, *self._payoffs(number, sender, receiver, sent, back, reply)))
        told = render(
            "trust_game_result.md.j2", round=number, receiver=receiver, back=back, pot=pot
        )
        return {sender: (told,), receiver: ()}

    def _send_ask(self, number: int, sender: str, receiver: str, news: tuple[str, ...]) -> Ask:
        text = render(
            "trust_game_send.md.j2",
            round=number,
            other=receiver,
            news=news,
            move=SEND,
            **self._terms,
        )
        says = f"Send points to {receiver}."
        move = whole_move(SEND, says, "points", 0, self.endowment, kind=True)
        return Ask(
            agent=sender,
            round=number,
            text=text,
            moves=(move,),
            partners=(receiver,),
            scripted=(SEND,),
            place=_turn(number),
        )

    def _back_ask(
        self, number: int, sender: str, receiver: str, sent: int, news: tuple[str, ...]
    ) -> Ask:
        text = render(
            "trust_game_back.md.j2",
            round=number,
            other=sender,
            sent=sent,
            news=news,
            move=GIVE_BACK,
            **self._terms,
        )
        says = f"Give points back to {sender}."
        move = whole_move(GIVE_BACK, says, "points", 0, sent * self.multiplier, kind=True)
        return Ask(
            agent=receiver,
            round=number,
            text=text,
            moves=(move,),
            partners=(sender,),
            scripted=(GIVE_BACK,),
            place=_turn(number),
        )

    def _payoffs(
        self, number: int, sender: str, receiver: str, sent: int, back: int, last: Answer
    ) -> tuple[Paid, Paid]:
        """Return both payoffs. Whoever made no move in the round's last ask is paid nothing."""
        pot = sent * self.multiplier
        moved = isinstance(last, Chosen)
        if not pot:  # the last ask was the sender's
            return (
                Paid(round=number, agent=sender, points=self.endowment if moved else 0),
                Paid(round=number, agent=receiver, points=0),
            )
        return (
            Paid(round=number, agent=sender, points=self.endowment - sent + back),
            Paid(round=number, agent=receiver, points=pot - back if moved else 0),
        )


def _turn(number: int) -> int:
    """Return how often a round's sender and receiver have each had their part before."""
    return (number - 1) // 2


def _points(answer: Answer) -> int:
    """Return the points of a legal move; a chance not taken moves nothing."""
    return whole(answer, "points") or 0


def _deeds(
    number: int, actor: str, target: str, act: Act, answer: Answer, maximum: int, becomes: int
) -> tuple[AnyEvent, ...]:
    """Return the events of one answer: a move and the act it amounts to, or a lapse.

    Args:
        number: The round.
        actor: Who answered.
        target: Whom it is done to.
        act: What giving is called.
        answer: The answer.
        maximum: The most points that could be given.
        becomes: What each point given is to the target.
    """
    event = moved(number, actor, answer)
    if not isinstance(answer, Chosen):
        return (event,)
    points = _points(answer)
    acted = Acted(
        round=number,
        actor=actor,
        target=target,
        act=act,
        amount=points,
        maximum=maximum,
        points=points * becomes,
    )
    return (event, acted)
