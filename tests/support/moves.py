"""Legal arguments of moves, drawn and fixed."""

from hypothesis import strategies as st

from peersim.answers import Chosen, Refused, Unparsed
from peersim.tasks.moves import Choice, Whole


def values(field):
    """Every value that a field may have."""
    match field:
        case Whole():
            return st.integers(field.low, field.high)
        case Choice():
            return st.sampled_from(field.options)
        case _:
            texts = st.sampled_from(["fine", "no", "def f():\n    return 1", '"]}<x>'])
            return texts.map(lambda text: text[: field.longest])


def chosen(move):
    """Every legal way to make a move."""
    arguments = st.fixed_dictionaries({field.name: values(field) for field in move.fields})
    return arguments.map(lambda found: Chosen(move=move.name, arguments=found))


def answers(ask):
    """Every answer that may follow an ask."""
    lapses = (st.just(Refused(by="model", reason="")), st.just(Unparsed(problem="", text="")))
    return st.one_of(*(chosen(move) for move in ask.moves), *lapses)


def toward(ask, share=1.0):
    """The answer of someone kind to a degree."""
    names = ask.scripted or tuple(move.name for move in ask.moves)
    name = names[round((1 - share) * (len(names) - 1))]
    move = next(move for move in ask.moves if move.name == name)
    return Chosen(move=move.name, arguments=move.toward(share))
