"""A conversation as text and back, so that it can be kept; where it is kept is not decided here."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any

from m6rec.chat.state import State
from m6rec.errors import RequestError
from m6rec.records import Answer, Match, Recommendation

if TYPE_CHECKING:
    from m6rec.catalog import Catalog

FORMAT = 1
"""Raised when the meaning of what is written changes."""
_VERDICTS = frozenset({"liked", "disliked", "seen"})


def to_json(state: State, catalog: "Catalog") -> str:
    """Return a conversation as JSON; an open question is let go."""
    last = state.last
    document = {
        "m6rec_chat": FORMAT,
        "catalog": catalog.name,
        "wishes": list(state.wishes),
        "verdicts": [list(pair) for pair in state.verdicts],
        "shown": sorted(state.shown),
        "passed": sorted(state.passed),
        "k": state.k,
        "tastes": list(state.tastes),
        "unlearned": [list(pair) for pair in state.unlearned],
        "asked": list(state.asked),
        "last": None if last is None else _answer(last),
    }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def from_json(text: str, catalog: "Catalog", where: str) -> State:
    """Return the conversation that `to_json` wrote; items the catalog lost are left out.

    Args:
        text: What was written.
        catalog: The items; it must be the catalog the conversation was about.
        where: Where the text is from, for messages.

    Raises:
        RequestError: The text is no saved conversation, or one about another catalog.
    """
    try:
        document = json.loads(text)
        name = document["catalog"]
        state = _state(document, lambda item_id: item_id in catalog)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise RequestError(
            f"{where} is no conversation that can be gone on with ({error}); delete it to start anew"
        ) from None
    if name != catalog.name:
        raise RequestError(
            f"the conversation in {where} is about {name}, not about {catalog.name}; "
            "choose another name, or the catalog it is about"
        )
    return state


def _state(document: Mapping[str, Any], known: Callable[[str], bool]) -> State:
    if document["m6rec_chat"] != FORMAT:
        raise ValueError(f"format {document['m6rec_chat']}")
    verdicts = tuple((str(item), verdict) for item, verdict in document["verdicts"] if known(item))
    if not {verdict for _, verdict in verdicts} <= _VERDICTS:
        raise ValueError("an unknown verdict")
    k = document["k"]
    if not isinstance(k, int) or k < 1:
        raise ValueError(f"k is {k!r}")
    last = None if document["last"] is None else _read_answer(document["last"], known)
    return State(
        wishes=_texts(document["wishes"]),
        verdicts=verdicts,
        shown=frozenset(filter(known, _texts(document["shown"]))),
        passed=frozenset(filter(known, _texts(document["passed"]))),
        last=last,
        k=k,
        tastes=_texts(document["tastes"]),
        unlearned=tuple((str(field), str(value)) for field, value in document["unlearned"]),
        asked=_texts(document["asked"]),
    )


def _answer(answer: Answer) -> dict[str, Any]:
    return {
        "request": answer.request,
        "items": [{**_values(item), "terms": dict(item.terms)} for item in answer],
        "matched": [asdict(match) for match in answer.matched],
        "unmatched": [asdict(match) for match in answer.unmatched],
        "understood": list(answer.understood),
        "relaxed": list(answer.relaxed),
    }


def _values(item: Recommendation) -> dict[str, Any]:
    """An item's values by name; `asdict` would copy the terms' read-only mapping, which cannot be."""
    return {field.name: getattr(item, field.name) for field in fields(item)}


def _read_answer(saved: Mapping[str, Any], known: Callable[[str], bool]) -> Answer | None:
    # A gap in the numbers would make "#3" another item than the person saw; then there is no list.
    if not all(known(item["item_id"]) for item in saved["items"]):
        return None
    return Answer(
        str(saved["request"]),
        tuple(Recommendation(**item) for item in saved["items"]),
        tuple(_match(match) for match in saved["matched"]),
        tuple(_match(match) for match in saved["unmatched"]),
        _texts(saved["understood"]),
        relaxed=_texts(saved["relaxed"]),
    )


def _match(saved: Mapping[str, Any]) -> Match:
    return Match(**{**saved, "nearest": tuple(saved["nearest"])})


def _texts(values: Any) -> tuple[str, ...]:
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise ValueError("a list of texts is something else")
    return tuple(values)
