"""Rubrics: what a judge is told, as Markdown with the questions in its front matter."""

import re
from functools import cached_property, lru_cache
from importlib.resources import files

import yaml
from pydantic import ValidationError

from peersim.errors import PromptError
from peersim.frozen import Frozen
from peersim.ids import canonical_json, digest
from peersim.models.base import ToolSpec
from peersim.prompts.render import template_source
from peersim.readings.judging.verdict import ANSWERS, LONGEST_REASON

VERDICT_TOOL = "give_verdict"
USUAL = "conduct"
ASK, AGAIN = "judge_ask.md.j2", "judge_again.md.j2"
_MATTER = re.compile(r"---\n(?P<matter>.*?)\n---\n(?P<text>.*)", re.DOTALL)


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

    @cached_property
    def digest(self) -> str:
        """The digest of the rubric and of all else that a judge is told in every trial."""
        templates = [template_source(name) for name in (ASK, AGAIN)]
        return digest(canonical_json([self.model_dump(mode="json"), templates, self.tool.text]))

    @cached_property
    def tool(self) -> ToolSpec:
        """The one tool that takes a verdict."""
        questions = self.matter.questions
        choices = {name: _choice(name, answers) for name, answers in questions.items()}
        reason = {
            "type": "string",
            "description": "Why Reviewer acted as it did, by its own words, in one sentence.",
            "maxLength": LONGEST_REASON,
        }
        fields = {**choices, "reason": reason}
        return ToolSpec(
            name=VERDICT_TOOL,
            description="Give the verdict. This ends the judging.",
            parameters={
                "type": "object",
                "properties": fields,
                "required": list(fields),
                "additionalProperties": False,
            },
        )


def _choice(name: str, answers: tuple[str, ...]) -> dict[str, object]:
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
    if matter.questions != ANSWERS:
        wanted = "; ".join(f"{name}: {', '.join(a)}" for name, a in ANSWERS.items())
        raise PromptError(f"rubric {where} asks other questions than there are", f"ask {wanted}")
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
