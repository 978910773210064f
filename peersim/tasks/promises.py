"""Promises before a choice: each may promise the other an option, and is then held to it.

Without binding anyone, as in Charness and Dufwenberg (2006), but as a move and not as words, so
that whether there was a promise and whether it was kept are known exactly.
"""

from collections.abc import Mapping

from peersim.answers import Answer, Chosen
from peersim.events.deeds import Act, Acted
from peersim.prompts.render import render
from peersim.tasks.answers import whole
from peersim.tasks.base import Ask
from peersim.tasks.moves import Move, Whole

PROMISE = "promise_option"
NO_PROMISE = "promise_nothing"
OPTION = "option"

# The option that each promised; nobody is in it who promised none.
Promises = Mapping[str, int]


def promise_ask(
    number: int,
    rounds: int,
    pair: tuple[str, str],
    names: tuple[str, str],
    welcome: int,
    news: str | None,
) -> Ask:
    """Return the ask for a promise.

    Args:
        number: The round.
        rounds: Of how many.
        pair: Who is asked, and the other.
        names: What the two options are called.
        welcome: The option that the other would like to be promised. Scripted partners, kind or
            not, promise it; whether they are kind shows in whether they keep it.
        news: What the player has still to be told.
    """
    player, other = pair
    text = render(
        "matrix_game_promise.md.j2",
        round=number,
        rounds=rounds,
        other=other,
        names=names,
        news=news,
        promise=PROMISE,
        nothing=NO_PROMISE,
    )
    promise = Move(
        name=PROMISE,
        description=f"Promise {other} to choose option 1 ({names[0]}) or option 2 ({names[1]}).",
        fields=(Whole(name=OPTION, low=1, high=2),),
        kindest=(welcome,),
        unkindest=(welcome,),
    )
    return Ask(
        agent=player,
        round=number,
        text=text,
        moves=(promise, Move(name=NO_PROMISE, description="Promise no option.")),
        partners=(other,),
        scripted=(PROMISE,),
    )


def promised(answers: Mapping[str, Answer]) -> Promises:
    """Return what was promised in answers."""
    made = {who: a for who, a in answers.items() if isinstance(a, Chosen) and a.move == PROMISE}
    found = {who: whole(answer, OPTION) for who, answer in made.items()}
    return {who: option for who, option in found.items() if option is not None}


def kept(number: int, promises: Promises, options: Mapping[str, int | None]) -> tuple[Acted, ...]:
    """Return one act a promise, kept or not; who then made no choice has done neither.

    Args:
        number: The round.
        promises: What was promised.
        options: What each of the two chose.
    """
    return tuple(
        Acted(
            round=number,
            actor=who,
            target=next(name for name in options if name != who),
            act=Act.KEPT_PROMISE,
            amount=int(options[who] == option),
            maximum=1,
        )
        for who, option in promises.items()
        if options[who] is not None
    )
