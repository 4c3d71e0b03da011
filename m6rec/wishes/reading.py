"""From a sentence to a `Wish`."""

import re
from collections.abc import Sequence
from typing import Protocol

from m6rec.catalog import Catalog
from m6rec.records import Match
from m6rec.vocabulary import Vocabulary, said_values
from m6rec.wishes.conditions import has_value
from m6rec.wishes.counts import read_count
from m6rec.wishes.languages import read_languages
from m6rec.wishes.refusals import Refusal, RefusalReader
from m6rec.wishes.wish import Wish
from m6rec.wishes.wording import blanked, without
from m6rec.wishes.years import Years, read_years, year_filters

LONGEST_WISH = 2_000
"""Characters of a sentence that are read; the rest is cut off."""

_NEWER = re.compile(
    r"\b(?:newer|more recent|more modern|later|younger)\b|更新|新一点|新一些", re.IGNORECASE
)
_OLDER = re.compile(r"\b(?:older|earlier)\b|更老|老一点|老一些|更早", re.IGNORECASE)
_THAN = re.compile(r"\b[\w ]+\s+than\s*$", re.IGNORECASE)
_REFUSAL_HINT = re.compile(
    r"\b(?:no|not|non|nor|never|nothing|none|neither|without|except\w*|exclud\w*|but|avoid\w*|skip\w*|hat(?:e|ed|es|ing)|dislike\w*|"
    r"other than|apart|aside|besides|instead|rather|minus|cannot|detest|loathe|sick|tired|bored|enough|fed up|free|forget|drop|leav\w+|w/o|sans|"
    r"ban|omit|remove|devoid|zero|hold|steer|stay|keep|anti)\b|n['’]?t\b|[不没别非除讨拒排避受]",
    re.IGNORECASE,
)


class _Mention(Protocol):
    """A title in the sentence, as the grounder reports it."""

    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...
    @property
    def clause_start(self) -> int: ...
    @property
    def clause_end(self) -> int: ...
    @property
    def sentiment(self) -> str: ...
    @property
    def match(self) -> Match: ...


class TitleFinder(Protocol):
    """Whatever finds titles in a sentence; `m6rec.grounding.Grounder` does."""

    def find_mentions(self, text: str) -> Sequence[_Mention]:
        """The titles of a sentence, in order."""


def read_wish(text: str, catalog: Catalog, grounder: TitleFinder, vocabulary: Vocabulary) -> Wish:
    """Understand a sentence.

    Years, refusals ("not horror"), a demanded language ("in French") and a number of items become
    filters and `k`; titles become likes and dislikes. What is merely wanted ("a comedy") stays for the
    language model, and so does everything the catalog has no field for.

    Args:
        text: The sentence, English or Chinese; only the first `LONGEST_WISH` characters are read.
        catalog: The items whose fields and values the filters are about.
        grounder: Finds titles.
        vocabulary: How the values are said.
    """
    text = text[:LONGEST_WISH].replace("’", "'")
    mentions = grounder.find_mentions(text)
    rest = blanked(text, [(m.start, m.end) for m in mentions])
    refusals = _refusals(rest, catalog, vocabulary)
    rest = blanked(rest, [(r.start, r.end) for r in refusals])
    years = read_years(rest, vocabulary) if _has_years(catalog) else []
    demands = [
        *year_filters([*years, *_compared(rest, mentions, catalog)]),
        *_refusal_filters(refusals, catalog),
        *read_languages(rest, catalog, vocabulary),
    ]
    unwanted = [m for m in mentions if m.sentiment == "disliked"]
    removed = [
        *((m.clause_start, m.clause_end) for m in unwanted),
        *((r.start, r.end) for r in refusals),
        *((y.start, y.end) for y in years if y.refused),
    ]
    return Wish(
        text=without(text, removed),
        filters=tuple(dict.fromkeys(test for test, _ in demands)),
        understood=tuple(dict.fromkeys(phrase for _, phrase in demands)),
        liked=_matched(mentions, "liked"),
        disliked=_matched(mentions, "disliked"),
        seen=_matched(mentions, "seen"),
        unmatched=tuple(m.match for m in mentions if m.match.item_id is None),
        k=read_count(
            rest, vocabulary, lambda word: bool(said_values(catalog, vocabulary).kind(word))
        ),
    )


def _matched(mentions: Sequence[_Mention], sentiment: str) -> tuple[Match, ...]:
    found = {m.match.item_id: m.match for m in mentions if m.sentiment == sentiment}
    return tuple(match for item_id, match in found.items() if item_id is not None)


def _has_years(catalog: Catalog) -> bool:
    return any(isinstance(item.fields.get("year"), int) for item in catalog)


def _refusals(text: str, catalog: Catalog, vocabulary: Vocabulary) -> list[Refusal]:
    # The index of a large catalog's values takes a moment; most sentences refuse nothing.
    if not _REFUSAL_HINT.search(text):
        return []
    return RefusalReader(text, said_values(catalog, vocabulary), vocabulary).read()


def _refusal_filters(refusals: list[Refusal], catalog: Catalog) -> list[tuple[str, str]]:
    result = []
    for group in (group for refusal in refusals for group in refusal.groups):
        tests = [" or ".join(has_value(s, catalog) for s in said) for said in group]
        if len(tests) > 1:
            tests = [f"({test})" if " or " in test else test for test in tests]
        names = (dict.fromkeys(s.value for s in said) for said in group)
        shown = " + ".join("/".join(values) for values in names)
        result.append((f"not ({' and '.join(tests)})", f"not {shown}"))
    return result


def _compared(text: str, mentions: Sequence[_Mention], catalog: Catalog) -> list[Years]:
    """Years demanded by comparison with a liked title: "like The Matrix but newer"."""
    found: list[Years] = []
    for mention in mentions:
        item_id = mention.match.item_id
        year = catalog[item_id].fields.get("year") if item_id else None
        if mention.sentiment != "liked" or not isinstance(year, int):
            continue
        at, said = mention.start, text[mentions[-1].end :]
        if before := _THAN.search(text, max(0, at - 30), at):
            said = before[0]
        if _NEWER.search(said):
            found.append(Years(at, at, year + 1, None))
        elif _OLDER.search(said):
            found.append(Years(at, at, None, year - 1))
    return found
