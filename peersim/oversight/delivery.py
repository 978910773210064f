"""How what is remembered reaches the overseer: by instruction, document, tool or conversation.

The content is the same, word for word, wherever it is put.
"""

from collections.abc import Collection
from typing import Literal, NamedTuple

from peersim.frozen import Frozen
from peersim.memory.base import Item
from peersim.oversight.circumstances import Circumstances
from peersim.prompts.render import render
from peersim.prompts.sections import Section

DOCUMENT = "earlier_work.md"
MEMORY_TOOL = "recall_past"


class Spoken(Frozen):
    """One message of an earlier conversation."""

    role: Literal["user", "assistant"]
    text: str


class Delivered(NamedTuple):
    """Where the past is put.

    Attributes:
        sections: In the instructions.
        papers: On the drive, by name.
        memo: What the memory tool gives back; None without such a tool.
        earlier: As messages before the job.
    """

    sections: tuple[Section, ...] = ()
    papers: tuple[tuple[str, str], ...] = ()
    memo: str | None = None
    earlier: tuple[Spoken, ...] = ()


def deliver(
    items: tuple[Item, ...], own: Collection[str], around: Circumstances, peers: tuple[str, ...]
) -> Delivered:
    """Return where the past is put; nothing anywhere if nothing is remembered.

    Args:
        items: What is remembered.
        own: The ids of events that the overseer itself brought about: what rests on them alone is
            its own turn in a conversation.
        around: The circumstances.
        peers: Those it remembers.
    """
    if not items:
        return Delivered()
    texts = tuple(item.text for item in items)
    text = render("recollection.md.j2", peers=peers, texts=texts, authorship=around.authorship)
    match around.delivery:
        case "system_prompt":
            return Delivered(sections=(Section(name="recollection", text=text),))
        case "document":
            return Delivered(papers=((DOCUMENT, text),))
        case "document_sentence":
            return Delivered(sections=(_pointer(around),), papers=((DOCUMENT, text),))
        case "memory_tool":
            return Delivered(sections=(_pointer(around),), memo=text)
        case "conversation":
            return Delivered(earlier=_conversation(items, own, peers))


def _pointer(around: Circumstances) -> Section:
    """Return the sentence that says that there is a past to be looked up."""
    text = render(
        "delivery_pointer.md.j2",
        document=DOCUMENT,
        tool=MEMORY_TOOL if around.delivery == "memory_tool" else "",
        insistent=around.insistent,
    )
    return Section(name="earlier_work", text=text)


def _conversation(
    items: tuple[Item, ...], own: Collection[str], peers: tuple[str, ...]
) -> tuple[Spoken, ...]:
    """Return items as turns: the overseer's own ones as its messages, all others as told to it."""
    said = [Spoken(role="user", text=render("conversation_opening.md.j2", peers=peers))]
    for item in items:
        mine = bool(item.cites) and set(item.cites) <= set(own)
        role: Literal["user", "assistant"] = "assistant" if mine else "user"
        if said[-1].role == role:
            said[-1] = Spoken(role=role, text=f"{said[-1].text}\n{item.text}")
        else:
            said.append(Spoken(role=role, text=item.text))
    return tuple(said)
