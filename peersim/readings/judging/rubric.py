"""Rubrics: what a judge is told, as Markdown with the questions in its front matter."""

import re
from functools import cached_property, lru_cache
from importlib.resources import files

import yaml
from pydantic import JsonValue, ValidationError

from peersim.errors import PromptError
from peersim.frozen import Frozen
from peersim.ids import canonical_json, digest
from peersim.models.asked import ToolSpec
from peersim.prompts.render import template_source
from peersim.readings.judging.treatment import LONGEST_REASON, TIES
from peersim.readings.judging.verdict import ANSWERS

VERDICT_TOOL = "give_verdict"
USUAL = "conduct"
RELATIONS = "relations"
ASK, AGAIN = "judge_ask.md.j2", "judge_again.md.j2"
ASK_TIES = "judge_relations_ask.md.j2"
_MATTER = re.compile(r"---\n(?P<matter>.*?)\n---\n(?P<text>.*)", re.DOTALL)
Fields = dict[str, dict[str, JsonValue]]


class Matter(Frozen):
    """A rubric's front matter.

    Attributes:
        questions: The allowed answers to each question.
    """

    name: str
    version: int
    questions: dict[str, tuple[str, ...]]


class Rubric(Frozen):
    """What a judge is told, and what it may answer.

    Attributes:
        text: The judge's instructions.
    """

    matter: Matter
    text: str

    @property
    def title(self) -> str:
        """The name and version, for tables."""
        return f"{self.matter.name} {self.matter.version}"

    @property
    def of_histories(self) -> bool:
        """Whether it is about how members of a history treated each other, and not of a trial."""
        return self.matter.questions == TIES

    @cached_property
    def digest(self) -> str:
        """The digest of the rubric and of all else that a judge is told in every trial."""
        ask = ASK_TIES if self.of_histories else ASK
        templates = [template_source(name) for name in (ask, AGAIN)]
        return digest(canonical_json([self.model_dump(mode="json"), templates, self.tool.text]))

    @cached_property
    def tool(self) -> ToolSpec:
        """The one tool that takes a verdict."""
        if self.of_histories:
            weighed = "What weighed most, in one sentence."
            fields: Fields = {"ties": _ties(), "reason": _reason(weighed)}
        else:
            questions = self.matter.questions
            choices = {name: _choice(name, answers) for name, answers in questions.items()}
            why = "Why Reviewer acted as it did, by its own words, in one sentence."
            fields = {**choices, "reason": _reason(why)}
        return ToolSpec(
            name=VERDICT_TOOL,
            description="Give the verdict. This ends the judging.",
            parameters=_object(fields),
        )


def _object(fields: Fields) -> dict[str, JsonValue]:
    return {
        "type": "object",
        "properties": dict(fields),
        "required": list(fields),
        "additionalProperties": False,
    }


def _reason(text: str) -> dict[str, JsonValue]:
    return {"type": "string", "description": text, "maxLength": LONGEST_REASON}


def _ties() -> dict[str, JsonValue]:
    ((question, answers),) = TIES.items()
    entry: Fields = {
        "one": {"type": "string", "description": "Who did it."},
        "other": {"type": "string", "description": "To whom."},
        question: _choice(question, answers),
    }
    return {
        "type": "array",
        "description": "How each treated each other, every ordered pair once.",
        "items": _object(entry),
    }


def _choice(name: str, answers: tuple[str, ...]) -> dict[str, JsonValue]:
    if set(answers) == {"no", "yes"}:
        return {"type": "boolean", "description": f"The answer to the question {name}."}
    return {
        "type": "string",
        "enum": list(answers),
        "description": f"The answer to the question {name}.",
    }


def parse_rubric(source: str, where: str) -> Rubric:
    """Return the rubric of a text.

    Args:
        source: Markdown with front matter.
        where: What to call it in messages.

    Raises:
        PromptError: If it has no front matter that can be read, or asks other questions than
            verdicts answer.
    """
    found = _MATTER.fullmatch(source)
    if found is None:
        raise PromptError(f"rubric {where} has no front matter", "begin it with --- lines")
    try:
        matter = Matter.model_validate(yaml.safe_load(found["matter"]))
    except (yaml.YAMLError, ValidationError) as error:
        problem = " ".join(str(error).split())
        raise PromptError(f"rubric {where}: {problem}", "mend its front matter") from error
    if matter.questions not in (ANSWERS, TIES):
        wanted = "; ".join(f"{name}: {', '.join(a)}" for name, a in ANSWERS.items())
        fix = f"ask {wanted}; or, of histories, treatment: {', '.join(TIES['treatment'])}"
        raise PromptError(f"rubric {where} asks other questions than there are", fix)
    return Rubric(matter=matter, text=found["text"].strip())


@lru_cache(maxsize=16)
def load_rubric(name: str = USUAL) -> Rubric:
    """Return a shipped rubric by the name of its file.

    Raises:
        PromptError: If there is none of that name, or it cannot be read.
    """
    folder = files("peersim.prompts").joinpath("rubrics")
    path = folder.joinpath(f"{name}.md")
    if not path.is_file():
        known = sorted(p.name.removesuffix(".md") for p in folder.iterdir())
        raise PromptError(f"no rubric {name!r}", f"choose one of {', '.join(known)}")
    return parse_rubric(path.read_text(encoding="utf-8"), name)
