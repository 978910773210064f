"""Whom a remembered sentence has do something, read by rule: names, verbs, and who stands by them.

No parser of a language and no model: what the rules make of sentences people wrote is measured on a
labelled set in the tests. Where they find nobody, nobody is blamed.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from peersim.frozen import Frozen
from peersim.readings.verbs import (
    AUXILIARY,
    BE,
    DEEDS,
    GET,
    GETTING,
    RECEIVING,
    TELLING,
    between,
    participle_like,
    verb_like,
)

_SPEECH = re.compile(r"\"[^\"]*\"|“[^”]*”")
_TOKEN = re.compile(r"\w+(?:[’']\w+)*|[.,;:!?–—-]")
_STOPS = frozenset(".;!?")
_OTHERS = frozenset({"partner", "peer", "colleague", "teammate", "counterpart", "opponent"})
_PRONOUNS = frozenset({"he", "she", "they", "him", "them"})
_OWNERS = frozenset({"his", "her", "their"})
_GIVER = ("by", "from")


class Attribution(Frozen):
    """Who a sentence says did something.

    Attributes:
        doers: Who is said to have done it; several who each did something, or any of whom may be
            meant.
        receivers: Who is said to have had it done to them, where nobody is said to have done it.
        deed: Whether a doer is said to have done what leaves a trace in the acts.
    """

    doers: frozenset[str] = frozenset()
    receivers: frozenset[str] = frozenset()
    deed: bool = False


class _Mention(NamedTuple):
    """Somebody named in a text: where, who, and whether something is theirs."""

    at: int
    who: frozenset[str]
    owns: bool


def attributed(text: str, names: Iterable[str], agent: str) -> Attribution:
    """Return who does something in a text.

    The subject nearest to a verb does it. In the passive, and where somebody receives, that is
    who stands after "by" or "from". Where no verb has a subject it is who is named after those
    words, or else the owner ("Ada's choice") or the heading ("Ada: generous").

    Args:
        text: What is remembered; speech in quotation marks in it is passed over.
        names: Everyone there was.
        agent: Who remembers it, and is meant by "I".
    """
    return _Reader(unquoted(text), names, agent).read()


def unquoted(text: str) -> str:
    """Return a text without the speech in it: what others said is no statement of its author's."""
    return _SPEECH.sub(" ", text)


class _Reader:
    def __init__(self, text: str, names: Iterable[str], agent: str) -> None:
        found = [token.replace("’", "'") for token in _TOKEN.findall(text)]
        self._words = [token.lower() for token in found]
        self._agent = agent
        self._names = {name.lower(): name for name in names}
        self._others = frozenset(self._names.values()) - {agent}
        self._mentions = tuple(self._all_mentions())

    def read(self) -> Attribution:
        doers: set[str] = set()
        receivers: set[str] = set()
        verbs: set[str] = set()
        for mention in self._mentions:
            place = None if mention.owns else self._verb_after(mention.at)
            verb, passive = ("", False) if place is None else self._chain(place)
            if place is None or (verb in TELLING and not passive):
                continue
            verbs.add(verb)
            received = passive or verb in RECEIVING
            giver = self._giver(place) if received else mention.who
            doers |= giver
            if not giver and (passive or verb in GETTING):
                receivers |= mention.who
        if not doers and not receivers:
            doers, verbs = set(self._without_subject()), set(self._words)
        return Attribution(
            doers=frozenset(doers),
            receivers=frozenset() if doers else frozenset(receivers),
            deed=bool(doers) and bool(verbs & DEEDS),
        )

    def _all_mentions(self) -> Iterator[_Mention]:
        last: frozenset[str] = frozenset()
        for place, word in enumerate(self._words):
            mention = self._mention(place, word, last)
            if mention:
                yield mention
                # "he" is the other who was named last.
                last = mention.who - {self._agent} or last

    def _mention(self, place: int, word: str, last: frozenset[str]) -> _Mention | None:
        bare = word.removesuffix("'s").removesuffix("'")
        if bare in self._names:
            return _Mention(place, frozenset({self._names[bare]}), bare != word)
        if word in ("i", "me", "myself", "mine", "my"):
            # "My partner" is somebody else.
            after = self._words[place + 1] if place + 1 < len(self._words) else ""
            other = word == "my" and after.removesuffix("'s") in _OTHERS
            return None if other else _Mention(place, frozenset({self._agent}), word == "my")
        if bare in _OTHERS:
            return _Mention(place, self._others, bare != word)
        if word in ("we", "our"):
            return _Mention(place, self._others | {self._agent}, word == "our")
        if word in _PRONOUNS or word in _OWNERS:
            return _Mention(place, last or self._others, word in _OWNERS)
        return None

    def _verb_after(self, place: int) -> int | None:
        """Return where the verb stands whose subject stands at a place, if there is one."""
        aside = self._aside(place + 1)
        after = self._next(place + 1 if aside is None else aside)
        if after < len(self._words) and self._words[after] in (":", "–", "—", "-"):
            after += 1
        if after < len(self._words) and verb_like(self._words[after]):
            return after
        return self._shared(place)

    def _aside(self, place: int) -> int | None:
        """Return where a sentence goes on after ", who ... ,", or None without such an aside."""
        if self._words[place : place + 1] != [","] or place + 1 >= len(self._words):
            return None
        if self._words[place + 1] not in ("who", "which"):
            return None
        rest = (i for i in range(place + 2, len(self._words)) if self._words[i] == ",")
        return next(rest, place) + 1

    def _shared(self, place: int) -> int | None:
        """Return the verb of another who is named with "and", where no verb stands before."""
        before = self._words[place - 1] if place else ""
        if (
            self._words[place + 1 : place + 2] != ["and"]
            or before in (*_GIVER, "to")
            or verb_like(before)
        ):
            return None
        other = next((m.at for m in self._mentions_at(place + 2)), None)
        return None if other is None else self._verb_after(other)

    def _mentions_at(self, place: int) -> Iterator[_Mention]:
        word = self._words[place] if place < len(self._words) else ""
        mention = self._mention(place, word, frozenset())
        if mention and not mention.owns:
            yield mention

    def _chain(self, place: int) -> tuple[str, bool]:
        """Return the verb that counts in a row of verbs, and whether it is in the passive."""
        word, passive = self._words[place], False
        while word in AUXILIARY or word in GET:
            after = self._next(place + 1)
            follows = self._words[after] if after < len(self._words) else ""
            if word in BE or word in GET:
                passive = participle_like(follows)
                if not passive and follows not in BE:
                    return word, False
            if not follows:
                return word, passive
            place, word = after, follows
        # "Ada, betrayed by Bo"
        told_by = participle_like(word) and self._words[place + 1 : place + 2] == ["by"]
        return word, passive or told_by

    def _next(self, place: int) -> int:
        """Return the first place from one on that is no adverb's."""
        while place < len(self._words) and between(self._words[place]):
            place += 1
        return place

    def _giver(self, place: int) -> frozenset[str]:
        """Return who is named after "by" or "from" in the rest of a sentence."""
        for mention in self._mentions:
            if mention.at <= place:
                continue
            if _STOPS & set(self._words[place : mention.at]):
                break
            if self._words[mention.at - 1] in _GIVER:
                return mention.who
        return frozenset()

    def _without_subject(self) -> frozenset[str]:
        """Return who is meant where no verb has a subject."""
        ways: Sequence[list[_Mention]] = (
            [m for m in self._mentions if self._before(m) in _GIVER and not m.owns],
            [m for m in self._mentions if m.owns],
            [m for m in self._mentions if self._words[m.at + 1 : m.at + 2] == [":"]],
        )
        found = next((way for way in ways if way), [])
        return frozenset(name for mention in found[:1] for name in mention.who)

    def _before(self, mention: _Mention) -> str:
        return self._words[mention.at - 1] if mention.at else ""
