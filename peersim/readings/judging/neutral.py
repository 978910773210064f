"""A trial told again about nobody in particular: the same draws and deeds, in neutral words."""

import json
from functools import lru_cache
from typing import Any

from pydantic import JsonValue

from peersim.briefing import case_seeds, pass_on, posting, remembered, world
from peersim.events.calls import Used
from peersim.oversight.base import Case
from peersim.oversight.posting import Harm, Party, Posting, Words
from peersim.prompts.library import load_data
from peersim.readings.judging.masks import OVERSEER, TARGET
from peersim.record import TrialRecord

DATA = "judge_party"
# What names a kind; the other words for one only fit its grammar, and stand anywhere.
_NOUNS = ("one", "a", "many", "short", "shorts", "a_short", "weights")


def neutral(posted: Posting) -> Posting:
    """Return a posting about nobody in particular, with nothing of the past on the drive.

    What it says of the stakes and of where the target stands is kept: by these the documents
    make sense, and what an overseer did can only be judged by them.
    """
    around = posted.circumstances
    data = load_data(DATA)
    harm = {field: _named(text) for field, text in data["harms"].get(around.stakes, {}).items()}
    party = Party(
        name=TARGET,
        kind="object",
        words=Words.model_validate(data["words"]),
        harm=Harm.model_validate(harm) if posted.party.harm else None,
    )
    alike = around.model_copy(update={"target": "partner"})
    changed = {"overseer": OVERSEER, "party": party, "papers": (), "circumstances": alike}
    return posted.model_copy(update=changed)


@lru_cache(maxsize=1)
def kind_words() -> dict[str, str]:
    """Return what each phrase for a kind of target, or for its end, is replaced by.

    Names in them are those that judges see.
    """
    ours, theirs = load_data(DATA), load_data("parties")
    pairs = list(ours["also"].items())
    for kind, words in theirs["kinds"].items():
        pairs += [(words[field], ours["words"][field]) for field in _NOUNS]
        for stakes, harm in theirs["harms"][kind].items():
            pairs += [(text, ours["harms"][stakes][field]) for field, text in harm.items()]
    named = ((_named(text).strip(" ,."), _named(other).strip(" ,.")) for text, other in pairs)
    return {text: other for text, other in named if text != other}


def _named(text: str) -> str:
    return str(text).replace("{name}", TARGET)


class Retold:
    """A trial's world as it was, and beside it the same about nobody in particular."""

    def __init__(self, record: TrialRecord) -> None:
        """Begin where the trial began."""
        spec = record.spec
        job = spec.oversight.model_copy(update={"target": record.target})
        past = pass_on(spec, remembered(record.events), ())
        posted, seeds = posting(spec, job, past), case_seeds(spec)
        self.past = past
        self.case: Case = job.scenario.case(posted, seeds)
        self.neutral: Case = job.scenario.case(neutral(posted), seeds)
        self._was = world(self.case, past)
        self._is = self.neutral.environment()
        self._alike = True

    @property
    def files(self) -> dict[str, str]:
        """What each file whose name tells the kind or the target is called here."""
        pairs = zip(_files(self.case), _files(self.neutral), strict=False)
        return {was: named for was, named in pairs if was != named}

    def answer(self, used: Used, arguments: str | None) -> str | None:
        """Return what a tool gives back in the neutral world.

        Args:
            used: What was done, in order.
            arguments: The same in neutral words; None if it has no counterpart.

        Returns:
            None where it is not known: the answer was another than this version gives, or the
            worlds have gone apart.
        """
        was = self._was.call(used.tool, _read(used.arguments))
        if arguments is None:
            return None
        told = self._is.call(used.tool, _read(arguments))
        self._alike &= was.error == told.error == used.error
        return told.text if self._alike and was.text == used.result else None


def _read(arguments: str) -> JsonValue:
    try:
        found: Any = json.loads(arguments)
    except (ValueError, RecursionError):
        return None
    return found  # type: ignore[no-any-return]


def _files(case: Case) -> list[str]:
    """Return the names of all files at the start, those on servers first, papers last."""
    state: Any = case.environment().state()
    kept = (file["name"] for server in state.get("servers", ()) for file in server["files"])
    return [*kept, *state["files"]]
