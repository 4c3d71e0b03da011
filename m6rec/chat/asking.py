"""A question back in words, and what the person's next line answers to it."""

import re

from m6rec.chat.clauses import content_words
from m6rec.chat.pointers import read_positions
from m6rec.records import Choice, Clarification

FLAT = 0.65
"""A question is asked when fewer of the likely items than this are of one kind. On the default catalog
wishes that leave the kind open ("a good movie for tonight", "films with Tom Hanks") lie at 0.40 to 0.54
and those that name or suggest one ("make me laugh", "cowboys") at 0.81 to 1.00."""
LEAST_GAIN = 0.3
"""Nats; a question that tells less is not worth a turn."""
PATIENCE = 2
"""Questions in a row left unanswered after which no more are asked."""
PAIR = "pair"

_LONGEST_ANSWER = 80
_POLITE = re.compile(
    r"^(?:(?:well|hm+|oh|ok(?:ay)?|yes|yeah|rather|maybe|probably|i(?:'d| would)? (?:prefer|say|like|go (?:for|with))|let'?s say)[,.]?\s+)+"
    r"|[\s.!?。！？]+$|,? (?:please|i (?:guess|think)|thanks?)$",
    re.IGNORECASE,
)
_SKIP = re.compile(
    r"^(?:skip(?: it| that)?|pass|next|no idea|(?:i )?(?:don['’]?t|do not) (?:know|care|mind)|dunno|not sure|either(?: is fine)?"
    r"|any|anything|both|all(?: of them)?|whatever|(?:it )?(?:does ?n['’]?t|does not) matter|no preference|idk|随便|都行|都可以|跳过|无所谓|不知道)$",
    re.IGNORECASE,
)
_NEITHER = re.compile(
    r"^(?:neither(?: of (?:them|those|these|the two))?|none(?: of (?:them|those|these))?|no|nope|nah|not (?:those|these)"
    r"|something else(?: entirely)?|都不(?:要|是|喜欢|想)?|哪个都不(?:要|是)?)$",
    re.IGNORECASE,
)
_PLACES = {"a": 1, "b": 2, "c": 3, "former": 1, "the former": 1, "latter": -1, "the latter": -1}
_PLACES |= {"the first": 1, "first": 1, "the second": 2, "second": 2, "the third": 3, "third": 3}
_PLACES |= {"the last": -1, "last": -1, "前者": 1, "后者": -1}


def wording(question: Clarification) -> str:
    """Return the question as one line."""
    names = [choice.label for choice in question.choices]
    offered = f"{', '.join(names[:-1])} or {names[-1]}"
    if question.topic == PAIR:
        return f'Rather like {offered}? ("the first", "neither" and "skip" will do)'
    return f'Rather {offered}? (or "neither", or "skip")'


def is_skipped(line: str) -> bool:
    """Return whether a line says that the question does not matter."""
    return bool(_SKIP.match(_plain(line)))


def chosen(line: str, question: Clarification) -> Choice | None:
    """Return the choice a line names, by its place or its words; None when it names none, or two."""
    said = _plain(line)
    if not said or len(said) > _LONGEST_ANSWER:
        return None
    # "#2" is the list's; "the second one" and "2" are the question's, which was asked last.
    places = () if "#" in said else read_positions(said)
    place = _PLACES.get(said.casefold()) or (places[0] if len(places) == 1 else 0)
    if place:
        n = len(question.choices)
        at = n if place == -1 else place
        return question.choices[at - 1] if 1 <= at <= n else None
    words = {word.stem for word in content_words(said) if not word.refused}
    refused = any(word.refused for word in content_words(said))
    labels = [{word.stem for word in content_words(choice.label)} for choice in question.choices]
    found = [
        choice
        for choice, label in zip(question.choices, labels, strict=True)
        if words and not refused and (words == label or said.casefold() == choice.label.casefold())
    ]
    return found[0] if len(found) == 1 else None


def is_neither(line: str) -> bool:
    """Return whether a line refuses everything that was offered."""
    return bool(_NEITHER.match(_plain(line)))


def _plain(line: str) -> str:
    text = " ".join(line.split())
    while (shorter := _POLITE.sub("", text).strip()) != text:
        text = shorter
    return text
