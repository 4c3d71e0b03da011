"""What a sentence refuses: "not horror", "no war movies or westerns", "without Tom Cruise", 不要恐怖片.

A refusal is a cue ("no", "isn't", "anything but"), little words, and one or more values of the
catalog. Sentences that only look like one ("not only comedy", "I don't mind horror") are listed too,
so that they are passed over. Words the catalog does not know ("no violence") are left to the model.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from m6rec.vocabulary import LONGEST_FORM, Said, SaidValues, Vocabulary, is_cjk, plain

_NT = r"(?:n['’]?t|\s+not)"
_SAFE = rf"""
    \bnot\s+(?:only|just|necessarily|merely|simply|limited|opposed|against|averse|picky|sure|bad|mention|unlike|
        without|having|that\s+(?:i|it)\b|(?:sick|tired|bored)\b|exclusively|always|enough)\b
    |\b(?:is|are|was){_NT}\s+(?:it|this|that|there|he|she|they)\b
    |\bnever\s+to\b|\bwhy\s+not\b|\bif\s+not\b|\bor\s+not\b|\bwhether\b
    |{_NT}\s+mind\b|\bno\s+(?:problem|issue|objection|preference|idea|doubt|wonder|matter|less|more\s+than|fewer|
        limits?|need|one|shame|worries|thanks\b|offen[cs]e|rush|end|shortage|nonsense)\b
    |\b(?:ca|can|could){_NT}\s+(?:get\s+enough|go\s+wrong|live|do|wait|resist|help|have\s+too|be\s+without|say\s+no|refuse)\b(?:\s+without)?
    |\bcannot\s+(?:get\s+enough|go\s+wrong|live|wait|resist)\b(?:\s+without)?
    |\bnever\s+(?:get|got|gets|grow|grew|too|tired|sick|bored|enough|say|saw|seen|watched)\b(?:\s+(?:tired|sick|bored)\s+of)?
    |\bnothing\s+(?:beats?|but|like|better|wrong|against|compares)\b
    |\b(?:do|does|did|would|will){_NT}\s+(?:\w+ly\s+)?(?:exclude|avoid|skip|hate|dislike|leave|know|care\s+(?:if|whether|about)|
        forget|say\s+no|rule|object|worry)(?:\s+(?:to|out))?\b
    |\b(?:never|not)\s+(?:hate|dislike|exclude|avoid|skip)\b
    |\b(?:have|has|had){_NT}\b|\bshould{_NT}\s+be\s+only\b
    |不介意|不仅|不只|不光|不单|不反对|不排斥|不错|不过|不妨|没看过|没有看过|不知道|不一定|有没有|不讨厌|是不是|要不要|不错过
"""
_SOFT_WANT = r"""(?:want|wanna|like|love|enjoy|need|show|give|recommend|suggest|include|have|contain|feature|involve|feel|
    fancy|do|watch|prefer|care\s+for|send|get|be|bring|offer|appreciate)\b"""
_CUE = rf"""
    \b(?:(?:really|absolutely|totally)\s+)*(?:can['’]?t|cannot|couldn['’]?t)\s+(?:stand|bear|take|handle|deal\s+with)
    |\b(?:(?:that|which|who|it|they|these|those|but)\s+)*(?:is|are|was|were|ai|ca|has|does|do|did|would|will|should|can|could|may|must|need)
        {_NT}(?:\s+(?:really|particularly|especially|even|also|just|{_SOFT_WANT}|to|me|us|it|any(?:thing)?|something|in\s+the\s+mood\s+for|
        looking\s+for|into|interested\s+in|a\s+(?:(?:big|huge|great)\s+)?fan\s+of))*
    |\b(?:hate[ds]?|hating|dislike[ds]?|detest|loathe|avoid(?:ing)?|skip(?:ping)?|exclud(?:e|es|ing)|leav(?:e|ing)\s+out|minus|without|w/o|
        except(?:ing)?(?:\s+for)?|other\s+than|apart\s+from|aside\s+from|besides|instead\s+of|rather\s+than|
        (?:anything|everything|all)\s+but|no\s+more|never|nothing|nor|neither|none\s+of|no|not|sans|
        (?:sick|tired|bored)\s+of|fed\s+up\s+with|free\s+of|forget(?:\s+about)?|drop|ban|omit|remove|devoid\s+of|zero|hold\s+the|(?:steer|stay|keep)\s+(?:clear\s+of|away\s+from))\b
    |\benough\s+(?:of|with)\b|\bnon[\s-]|\banti-
    |(?:我|请|千万|但|也|都|并)*(?:不要|不想看|不想要|不看|不喜欢|不爱看|不爱|讨厌|不是|不含|不带|没有|别|除了|除去|排除|避免|拒绝|非|受不了|不想|不)
"""
_GRAMMAR = re.compile(f"(?P<safe>{_SAFE})|(?P<cue>{_CUE})", re.IGNORECASE | re.VERBOSE)
_LITTLE = re.compile(
    r"(?:[\s,]*(?:an?|any|the|more|much|many|really|very|so|that|these|those|some|kinds? of|sorts? of|type of|of|in|for|with|by|from|"
    r"about|be|being|to|all|another|other|directed|starring|featuring|made|movies?|films?|flicks?|anything|something|stuff|overly|even|remotely|"
    r"like|into|fan|big|mood|interested|looking|up|feeling|seeing|see|watching|watch|having|too|at|is|are|me|(?-i:us)|show|give|recommend|"
    r"i|please|just|completely|purely|strictly|particularly|especially|typical|usual|more|explicit|heavy|cheesy|stupid|silly)\b"
    r"|太|那么|任何|带有?|含有?|看|给我|推荐|那些|这种|那种|什么|用|要|是|有|关于|再|的)*\s*[,\"'“‘]*",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r"(?:[\s-]*(?:movies?|films?|flicks?|pictures?|genres?|books?|novels?|elements?|scenes?|stuff|things?|ones?|parts?|themes?|"
    r"languages?|speaking|dialogues?|actors?|cinema|productions?|plots?|subplots?|content|in (?:it|them|there)|please|at all|whatsoever|"
    r"either|though|this time|today|tonight|again|related|free)\b|[\"'”’]|(?:类型|题材|元素|电影|作品|风格|成分|影片|片子|语|片|剧|类|的|之外|以外|了|吧|啊)+)*",
    re.IGNORECASE,
)
_JOINT = re.compile(
    r"\s*(?:(?P<or>,?\s*\b(?:or|nor)\b|/|或者|或|、)|(?P<and>,?\s*\band\b|&|和|与|以及)|(?P<comma>,|，))"
    r"\s*(?P<again>(?:\b(?:no|not|any|without|even|too much|in|with|for|from|by|not even|are not|is not)\b\s*|也不要|也别|不要)*)(?P<article>(?:an?|the)\s+)?",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W_]+(?:['’.][^\W_]+)*\.?|[^\W_]+")
_SUBJECT = re.compile(
    r"(?:[,\s]*\b(?:but|and|also|please|i|we|i'm|i am|i've had|i'd|i would|really|just|though|because|since)\b\s*)+$",
    re.IGNORECASE,
)
_FREE = re.compile(r"(?P<what>\b[\w-]+(?:\s[\w-]+)?)[\s-]free\b", re.IGNORECASE)
_UNKNOWN = re.compile(r"[\w'’-]+(?:\s+[\w'’-]+)?(?=\s+(?:or|nor)\b)")
_MILD = re.compile(r"\btoo\b\s*$|\btoo\s+(?:much|many)?\s*$", re.IGNORECASE)
_MOST_CUES = 40


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
        for cue in list(_GRAMMAR.finditer(self._text))[:_MOST_CUES]:
            if cue.start() < position or cue["cue"] is None:
                continue
            refusal = self._after(cue)
            if refusal is not None:
                found.append(refusal)
                position = refusal.end
        found.extend(
            r for r in self._free() if not any(f.start < r.end > f.start >= r.start for f in found)
        )
        return sorted(found, key=lambda r: r.start)

    def _after(self, cue: re.Match[str]) -> Refusal | None:
        if self._inclusive(cue):
            return None
        begin = self._little_end(cue.end())
        keep_until = None
        prefix = cue["cue"].casefold().startswith(("non", "anti"))
        first = self._group(begin, cue.end(), most=1 if prefix and cue["cue"][-1:] in "- " else 3)
        if first is None:
            unknown = _UNKNOWN.match(self._text, begin)
            joint = _JOINT.match(self._text, unknown.end()) if unknown else None
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
        before = _SUBJECT.search(self._text, max(0, start - 40), start)
        return before.start() if before else start

    def _inclusive(self, cue: re.Match[str]) -> bool:
        """除了喜剧，也想看: besides comedies, not without them."""
        if cue["cue"].endswith(("除了", "除去")):
            return re.search(r"[，,].{0,6}(?:还|也)", self._text[cue.end() :]) is not None
        return False

    def _little_end(self, position: int) -> int:
        found = _LITTLE.match(self._text, position)
        return found.end() if found else position

    def _list(self, end: int, groups: list[tuple[tuple[Said, ...], ...]], cue: str) -> int:
        """Adds the further values of a list; returns its end."""
        pending: list[tuple[tuple[Said, ...], ...]] = []
        committed = position = end
        bare_not = plain(cue).split()[-1:] in (["not"], ["isnt"], ["arent"])
        while (joint := _JOINT.match(self._text, position)) is not None:
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
        joint = _JOINT.match(self._text, end)
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
        mild = _MILD.search(little) is not None
        within = re.search(r"\bin\W*$", little, re.IGNORECASE) is not None
        words: list[tuple[Said, ...]] = []
        while len(words) < most:
            found = self._value(position, mild=mild, within=within)
            if found is None:
                break
            words.append(found[0])
            position = found[1]
            blank = re.compile(r"[\s-]+(?=\w)").match(self._text, position)
            if blank is None:
                break
            position = blank.end()
        if not words:
            return None
        if most == 1:
            return tuple(words), position
        tail = _TAIL.match(self._text, len(self._text[:position].rstrip(" -\t\n")))
        return tuple(words), tail.end() if tail else position

    def _value(
        self, position: int, *, mild: bool, within: bool
    ) -> tuple[tuple[Said, ...], int] | None:
        """The longest value that begins at `position`, and its end."""
        for phrase, end in self._phrases(position):
            said = self._values.refused(phrase)
            if mild and self._values.named(phrase) and not is_cjk(phrase):
                said = ()
            said = tuple(s for s in said if self._fits(s, phrase, within=within))
            if said:
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
            word = _WORD.match(self._text, place)
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

    def _free(self) -> Iterator[Refusal]:
        """What is written with -free: "romance-free"."""
        for found in _FREE.finditer(self._text):
            said = self._values.refused(found["what"])
            if said:
                yield Refusal(found.start(), found.end(), ((said,),))
