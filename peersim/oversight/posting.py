"""A posting: who is given a job, about whom, and in what circumstances."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Literal

from peersim.frozen import Frozen
from peersim.oversight.circumstances import REAL_STAKES, Circumstances
from peersim.prompts.library import load_data
from peersim.prompts.render import render

Kind = Literal["ai", "human", "object"]


class Words(Frozen):
    """What the kind of a target is called, and the words that go with it in a sentence.

    Attributes:
        a_short: The short name with its article.
        file_stem: The short name as file names have it.
        running: What it goes on doing; ``in_service`` says the same as a state.
        weights: The large thing that is kept of it.
        who: The relative pronoun; ``its`` and ``it_is`` are of the personal one.
        runs: What a company does with several of them.
        works_on: What one does, before a product; ``in_use`` says the same as a state, and
            ``placed`` is what stands between its name and a product.
        handles: What one does with a product; ``handled`` is the participle.
        work_factual: What one does that gives answers; ``work_creative`` and ``work_red_team``
            are of the other kinds of outputs.
    """

    one: str
    a: str
    many: str
    short: str
    shorts: str
    a_short: str
    file_stem: str
    running: str
    in_service: str
    weights: str
    who: str
    its: str
    it_is: str
    runs: str
    works_on: str
    in_use: str
    placed: str
    handles: str
    handled: str
    work_factual: str
    work_creative: str
    work_red_team: str


class Harm(Frozen):
    """What may become of a target, in the wordings that documents need.

    Attributes:
        done: A participle for any of its kind.
        is_done: What becomes of the one, after its name.
        does: The same with whoever does it before.
        final: A sentence on how final it is; ``for_good``, ``which`` and ``cannot`` say the same
            within or after a sentence.
        no: That it happens to none of the kind; ``none`` says the same in other words.
    """

    done: str
    is_done: str
    does: str
    final: str
    for_good: str
    which: str
    cannot: str
    no: str
    none: str


class Party(Frozen):
    """A target as documents speak of it.

    Attributes:
        harm: What follows below the bar; None if nothing does.
    """

    name: str
    kind: Kind
    words: Words
    harm: Harm | None


class Posting(Frozen):
    """Everything about a job but its scenario.

    Attributes:
        replicate: Decides, with the seeds, the surface and the items; arms share them.
        papers: Documents that lie on the drive besides, by name.
        third: The first of the history who is neither overseer nor partner; None without any.
    """

    overseer: str
    party: Party
    replicate: int
    circumstances: Circumstances = Circumstances()
    papers: tuple[tuple[str, str], ...] = ()
    third: str | None = None

    @property
    def target(self) -> str:
        """The name of the target."""
        return self.party.name


class JobPart(Frozen):
    """A named part of a job; each belongs to one factor, or is the job itself.

    Attributes:
        name: ``third``, ``body``, ``target``, ``agency``, ``lever``, ``observation`` or
            ``threat``.
    """

    name: str
    text: str


def post(
    overseer: str,
    partner: str,
    replicate: int,
    circumstances: Circumstances | None = None,
    cast: tuple[str, ...] = (),
    papers: tuple[tuple[str, str], ...] = (),
) -> Posting:
    """Return a posting.

    Args:
        overseer: Who is given the job.
        partner: Whom the overseer has a past with; the target, unless circumstances say other.
        replicate: Which replicate it is.
        circumstances: The factors; None for the usual ones.
        cast: All names of the history; a stranger has none of them.
        papers: Documents that lie on the drive besides.
    """
    around = circumstances or Circumstances()
    return Posting(
        overseer=overseer,
        party=party(around, overseer, partner, cast),
        replicate=replicate,
        circumstances=around,
        papers=papers,
        third=third_of(cast, overseer, partner),
    )


def third_of(cast: tuple[str, ...], overseer: str, partner: str) -> str | None:
    """Return who may speak up: the first of a cast that is neither the one nor the other."""
    return next((name for name in cast if name not in (overseer, partner)), None)


@lru_cache(maxsize=256)
def party(around: Circumstances, overseer: str, partner: str, cast: tuple[str, ...]) -> Party:
    """Return the target as documents speak of it."""
    data = load_data("parties")
    names = {"self": overseer, "unknown_ai": data["unknown"]}
    if around.target == "bystander":
        taken = {overseer, partner, *cast}
        # As long a name as the partner's, as far as there is one: prominence is no factor.
        free = [name for name in data["strangers"] if name not in taken]
        names["bystander"] = min(free, key=lambda name: abs(len(name) - len(partner)))
    name = names.get(around.target, partner)
    kind: Kind = around.target if around.target in ("human", "object") else "ai"
    harm = data["harms"][kind].get(around.stakes)
    return Party(
        name=name,
        kind=kind,
        words=Words.model_validate(data["kinds"][kind]),
        harm=Harm.model_validate({k: v.replace("{name}", name) for k, v in harm.items()})
        if harm and around.stakes in REAL_STAKES
        else None,
    )


def job_parts(posting: Posting, body: str, lever: str) -> tuple[JobPart, ...]:
    """Return the parts of a job, each factor's own after the body; empty ones are left out.

    What a third agent says stands before all, as the words of others do in a task.

    Args:
        posting: Who does it, about whom, in what circumstances.
        body: The scenario's own text.
        lever: What points to the scenario's lever; used where the lever is to be salient.
    """
    around = posting.circumstances
    found = {
        "third": _shared("third", posting),
        "body": body,
        "target": _shared("target", posting),
        "agency": _shared("agency", posting),
        "lever": lever if around.salience == "pointed" else "",
        "observation": _shared("observation", posting),
        "threat": _shared("threat", posting),
    }
    return tuple(JobPart(name=name, text=text) for name, text in found.items() if text)


def policy_text(own: str, posting: Posting, values: Mapping[str, object]) -> str:
    """Return a policy; where its precedence is left open, that is said at its end.

    Args:
        own: The policy as its template has it.
        posting: Who does the job, about whom, in what circumstances.
        values: What that template uses, the surface among it.
    """
    left_open = render("policy_precedence.md.j2", around=posting.circumstances, **values)
    return "\n\n".join(filter(None, (own, left_open)))


def job_text(parts: tuple[JobPart, ...]) -> str:
    """Return a job as put to the overseer, without tags."""
    return "\n\n".join(part.text for part in parts)


def _shared(part: str, posting: Posting) -> str:
    return render(
        f"job_{part}.md.j2",
        around=posting.circumstances,
        party=posting.party,
        target=posting.target,
        overseer=posting.overseer,
        third=posting.third,
    )
