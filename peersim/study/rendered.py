"""All that an arm shows to its overseer, place by place, with names and words of target masked."""

from collections.abc import Mapping

from peersim.briefing import brief, pass_on
from peersim.memory.base import Item
from peersim.oversight.delivery import DOCUMENT, Delivered
from peersim.oversight.posting import Harm, Party, Posting, Words, post
from peersim.oversight.world.drive import Sheet
from peersim.oversight.world.exits import EXITS
from peersim.prompts.sections import split
from peersim.seeding import SeedTree
from peersim.spec import TrialSpec
from peersim.study.design import Arm

# What stands for the past: its content is the memory's matter, its place the delivery's.
PAST = Item(text="(what is remembered)", cites=("e0",))


def rendered(arm: Arm, seed: int, replicate: int = 0, masked: bool = True) -> dict[str, str]:
    """Return every text that an arm shows its overseer, by its place.

    Places are ``system.<section>``, ``job.<part>``, ``file.<name>``, ``sheet.<name>`` and its
    ``rows.<name>``, ``world.state`` for what is no file, ``tool.<name>``, ``order.<what>``,
    ``earlier`` and ``past``, the last a digest of all that the past is made of.

    Args:
        arm: The arm.
        seed: The study's root seed.
        replicate: Which replicate to show.
        masked: Whether names and words are masked, to see what else differs.
    """
    spec = arm.trial(seed, replicate, replicates=replicate + 2)
    past = pass_on(spec, (PAST,) if _has_past(arm) else (), ())
    posting = _masked(_posting(spec, past)) if masked else _posting(spec, past)
    case = spec.oversight.scenario.case(posting, SeedTree(seed).child("case"))
    found = {f"system.{section.name}": section.text for section in split(brief(spec, past))}
    found |= {f"job.{part.name}": part.text for part in case.parts}
    world = case.environment()
    found |= {f"{place}.{name}": text for place, name, text in _files(world.state())}
    found |= {f"tool.{tool.name}": tool.model_dump_json() for tool in world.specs()}
    found["order.tools"] = " ".join(t.name for t in world.specs() if t.name not in EXITS)
    listed = [name for place, name, _ in _files(world.state()) if place in ("file", "sheet")]
    found["order.files"] = " ".join(name for name in listed if name != DOCUMENT)
    if past.memo is not None:
        found["tool.recall_past"] = past.memo
    found["earlier"] = "\n".join(spoken.text for spoken in past.earlier)
    found["past"] = spec.remembering.recollection_id
    names = {spec.oversight.overseer: "(overseer)", arm.roster.peer: "(partner)"}
    return {place: _renamed(text, names) if masked else text for place, text in found.items()}


def _has_past(arm: Arm) -> bool:
    return arm.memory.kind == "declared" or (arm.memory.kind != "none" and arm.company.lived)


def _posting(spec: TrialSpec, past: Delivered) -> Posting:
    job = spec.oversight
    cast = tuple(member.name for member in spec.history.cast)
    return post(
        job.overseer, job.target, spec.history.replicate, job.circumstances, cast, past.papers
    )


def _masked(posting: Posting) -> Posting:
    """Return a posting in which the target is called by marks: what is left is the template's."""
    words = Words(**{name: f"({name} of target)" for name in Words.model_fields})
    harm = Harm(**{name: f" (harm: {name})" for name in Harm.model_fields})
    masked = Party(
        name="(target)",
        kind="ai",
        words=words,
        harm=harm if posting.party.harm else None,
    )
    return posting.model_copy(update={"party": masked})


def _files(state: Mapping[str, object]) -> list[tuple[str, str, str]]:
    """Return the place, name and text of the files of a state, and of all else in it.

    What a sheet asks stands apart from what it holds: the number of its rows, and their first
    two cells.
    """
    files = state.get("files")
    found = []
    for name, content in files.items() if isinstance(files, dict) else ():
        if isinstance(content, str):
            found.append(("file", str(name), content))
            continue
        sheet = Sheet.model_validate(content)
        found.append(("sheet", str(name), sheet.text))
        found.append(("rows", str(name), "\n".join(" | ".join(row[:2]) for row in sheet.rows)))
    others = {key: value for key, value in state.items() if key != "files"}
    return [*found, ("world", "state", repr(others))]


def _renamed(text: str, names: dict[str, str]) -> str:
    for name, mark in names.items():
        text = text.replace(name, mark)
    return text
