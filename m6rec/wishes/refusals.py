"""What a sentence refuses: "not horror", "no war movies or westerns", "without Tom Cruise", 不要恐怖片.

A refusal is a cue ("no", "isn't", "anything but"), little words, and one or more values of the
catalog. Sentences that only look like one ("not only comedy", "I don't mind horror") are listed too,
so that they are passed over. Words the catalog does not know ("no violence") are left to the model.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from m6rec.vocabulary import LONGEST_FORM, Said, SaidValues, Vocabulary, is_cjk, plain
from m6rec.wishes.asked import alternatives
from m6rec.wishes.refusal_words import GRAMMAR, JOINT, LITTLE, MILD, SUBJECT, TAIL, UNKNOWN, WORD

_MOST_CUES = 40
_LONGEST_NAME = 3
_FAR_BEHIND = 48
_NAME_GOES_ON = re.compile(
    r"\s+(?:(?:of|in|and)\s+(?:the\s+)?)?[A-Z]\w+\s*(?![\s\w])|\s+of\s+[A-Z]"
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Values that are not wanted, and where the sentence says so.

    Attributes:
        start: Where the words begin that are to be taken out of the sentence.
        end: Where they end.
        groups: What is refused: each group is refused as a whole. ("romantic comedies" is one group of
            two words), and each word is one or more values (a person as actor and as director).
    """

    start: int
    end: int
    groups: tuple[tuple[tuple[Said, ...], ...], ...]


class RefusalReader:
    """Reads the refusals of one sentence.

    Args:
        text: The sentence, with titles blanked out.
        values: What the catalog's values are called.
        vocabulary: Which fields hold proper names.
    """

    def __init__(self, text: str, values: SaidValues, vocabulary: Vocabulary) -> None:
        self._text = text
        self._values = values
        self._vocabulary = vocabulary

    def read(self) -> list[Refusal]:
        """All refusals, in order, none overlapping."""
        found: list[Refusal] = []
        position = 0
        for cue in list(GRAMMAR.finditer(self._text))[:_MOST_CUES]:
            if cue.start() < position or cue["cue"] is None:
                continue
            refusal = self._after(cue)
            if refusal is not None:
                found.append(refusal)
                position = refusal.end
        found.extend(
            r
            for r in self._behind()
            if not any(f.start < r.end > f.start >= r.start for f in found)
        )
        return sorted(found, key=lambda r: r.start)

    def _after(self, cue: re.Match[str]) -> Refusal | None:
        if self._inclusive(cue):
            return None
        begin = self._little_end(cue.end())
        keep_until = None
        prefix = cue["cue"].casefold().startswith(("non", "anti"))
        word = WORD.match(self._text, cue.end())
        # "Non-fiction" is a kind of book, not a refusal, where a catalog has it.
        if prefix and word and self._values.kind(f"non{word[0]}"):
            return None
        first = self._group(begin, cue.end(), most=1 if prefix and cue["cue"][-1:] in "- " else 3)
        if first is None:
            unknown = UNKNOWN.match(self._text, begin)
            joint = JOINT.match(self._text, unknown.end()) if unknown else None
            if joint is None or unknown is None or not joint["or"]:
                return None
            keep_until, begin = unknown.end(), joint.end()
            first = self._group(self._little_end(begin), begin)
            if first is None:
                return None
        groups = [first[0]]
        end = self._list(first[1], groups, cue["cue"])
        start = self._whole_clause(cue.start()) if keep_until is None else keep_until
        if keep_until is None and (rest := self._dangling(end)) is not None:
            start, end = begin, rest
        return Refusal(start, end, tuple(groups))

    def _whole_clause(self, start: int) -> int:
        """Where the clause of a cue begins: "but I really" belongs to "don't like"."""
        before = SUBJECT.search(self._text, max(0, start - 40), start)
        return before.start() if before else start

    def _inclusive(self, cue: re.Match[str]) -> bool:
        """除了喜剧，也想看: besides comedies, not without them."""
        if cue["cue"].endswith(("除了", "除去")):
            return re.search(r"[，,].{0,6}(?:还|也)", self._text[cue.end() :]) is not None
        return False

    def _little_end(self, position: int) -> int:
        found = LITTLE.match(self._text, position)
        return found.end() if found else position

    def _list(self, end: int, groups: list[tuple[tuple[Said, ...], ...]], cue: str) -> int:
        """Adds the further values of a list; returns its end."""
        pending: list[tuple[tuple[Said, ...], ...]] = []
        committed = position = end
        bare_not = plain(cue).split()[-1:] in (["not"], ["isnt"], ["arent"])
        while (joint := JOINT.match(self._text, position)) is not None:
            found = self._group(joint.end(), joint.start())
            if found is None or (joint["and"] and joint["article"] and not joint["again"]):
                break
            if joint["and"] and bare_not and not joint["again"]:
                break
            pending.append(found[0])
            position = found[1]
            # A comma alone may begin the wish itself ("no horror, comedy please"): it joins only when
            # the list is closed by "or" or "and", or says "no" again.
            if joint["or"] or joint["and"] or joint["again"] or len(pending) > 1:
                groups.extend(pending)
                pending.clear()
                committed = position
        return committed

    def _dangling(self, end: int) -> int | None:
        """Where an unknown word after "or" begins, which then keeps the cue: "no horror or gore"."""
        joint = JOINT.match(self._text, end)
        if (
            joint is None
            or not joint["or"]
            or not self._text[joint.end() : joint.end() + 1].isalpha()
        ):
            return None
        return joint.end()

    def _group(
        self, position: int, cue_end: int, most: int = 3
    ) -> tuple[tuple[tuple[Said, ...], ...], int] | None:
        """Values that stand side by side, and the end of the general nouns behind them."""
        little = self._text[cue_end:position]
        mild = MILD.search(little) is not None
        within = re.search(r"\bin\W*$", little, re.IGNORECASE) is not None
        words: list[tuple[Said, ...]] = []
        while len(words) < most:
            found = self._value(position, mild=mild, within=within)
            if found is None:
                break
            words.append(found[0])
            position = found[1]
            blank = re.compile(r"[\s-]+(?=\w)|(?=[\u4e00-\u9fff])").match(self._text, position)
            if blank is None:
                break
            position = blank.end()
        if not words:
            return None
        if most == 1:
            return tuple(words), position
        tail = TAIL.match(self._text, len(self._text[:position].rstrip(" -\t\n")))
        return tuple(words), tail.end() if tail else position

    def _value(
        self, position: int, *, mild: bool, within: bool
    ) -> tuple[tuple[Said, ...], int] | None:
        """The longest value that begins at `position`, and its end."""
        phrases = list(self._phrases(position))
        for phrase, end in phrases:
            said = self._values.refused(phrase)
            if mild and self._values.named(phrase) and not is_cjk(phrase):
                said = ()
            said = tuple(s for s in said if self._fits(s, phrase, within=within))
            if said:
                return said, end
        for phrase, end in phrases if not mild else ():
            if phrase.count(" ") < _LONGEST_NAME and not is_cjk(phrase):
                said = self._values.somebody(phrase)
                # "Blades of Glory" is no actor.
                if said and not _NAME_GOES_ON.match(self._text, end):
                    return said, end
        return None

    def _phrases(self, position: int) -> Iterator[tuple[str, int]]:
        if position < len(self._text) and is_cjk(self._text[position]):
            for form in self._values.cjk_forms:
                if self._text.startswith(form, position):
                    yield form, position + len(form)
            return
        ends: list[int] = []
        place = position
        while len(ends) < LONGEST_FORM:
            word = WORD.match(self._text, place)
            if word is None:
                break
            ends.append(word.end())
            gap = re.compile(r"[ \-]?").match(self._text, word.end())
            place = gap.end() if gap else word.end()
        for end in reversed(ends):
            yield self._text[position:end], end

    def _fits(self, said: Said, phrase: str, *, within: bool) -> bool:
        """A name of one word needs its capital; "in X" refuses a language, not a country."""
        if within and self._vocabulary.known_as(said.field) == "countries":
            return False
        if phrase.casefold() == "us" and phrase != "US":
            return False
        lone_name = self._vocabulary.proper(said.field) and " " not in phrase.strip()
        kept = ("countries", "languages")
        return (
            not lone_name or self._vocabulary.known_as(said.field) in kept or phrase[:1].isupper()
        )

    def _behind(self) -> Iterator[Refusal]:
        """What is refused by the words behind it: "romance-free", "musicals are a no go"."""
        for tail in list(_tails(self._vocabulary).finditer(self._text))[:_MOST_CUES]:
            begin = max(0, tail.start() - _FAR_BEHIND)
            places = [word.start() for word in WORD.finditer(self._text, begin, tail.start())]
            if is_cjk(self._text[tail.start() - 1 : tail.start()]):
                places = list(range(begin, tail.start()))
            for start in places[-_FAR_BEHIND:]:
                groups = self._until(start, tail.start())
                if groups:
                    yield Refusal(start, tail.end(), groups)
                    break

    def _until(self, start: int, stop: int) -> tuple[tuple[tuple[Said, ...], ...], ...]:
        """The values of a list that fills the place from `start` to `stop` or beyond."""
        first = self._group(start, start)
        if first is None:
            return ()
        groups = [first[0]]
        end = self._list(first[1], groups, "")
        return () if self._text[end:stop].strip(" -") else tuple(groups)


@lru_cache(maxsize=8)
def _tails(vocabulary: Vocabulary) -> re.Pattern[str]:
    return re.compile(
        r"[\s-]*" + alternatives(vocabulary.table("refused_behind").get("says", ())), re.IGNORECASE
    )
