"""How many items a sentence asks for: "only 3", "top 10", "give me five movies", 推荐3部."""

import re
from collections.abc import Callable
from functools import lru_cache

from m6rec.vocabulary import Vocabulary

_LARGEST = 1000
_NO_ITEMS = (
    r"(?!\s*[-%:]|\s*(?:of|hours?|hrs?|minutes?|mins?|days?|weeks?|years?|seasons?|decades?|dimensions?|"
    r"people|person|friends?|kids?|children|or|times?|out|more|thing|bad|in)\b|\s*'?s\b)"
)
_ITEMS = r"(?:movies?|films?|titles?|picks?|options?|suggestions?|recommendations?|recs|ideas?|choices?|results?|flicks?|items?|books?|novels?|reads?|songs?|albums?|games?|examples?|answers?|ones?)"
_LISTED = re.compile(
    r"(?:^|[.,;!?:])\W{0,3}([^\W_]+) +(?:(?!of\b|and\b|or\b|years?\b)[\w-]+ +){0,2}?([^\W_]+s)(?=\W{0,3}(?:$|[.,;!?]|(?:from|with|after|before|that|about|like|please|for)\b))"
)


def read_count(text: str, vocabulary: Vocabulary, names_kind: Callable[[str], bool]) -> int | None:
    """The number of items asked for; None when the sentence says none.

    Args:
        text: The sentence, with titles and refusals blanked out.
        vocabulary: Numbers in words.
        names_kind: Whether a word names a kind of item ("comedies"), so that it can be counted.
    """
    numbers = {word: n for word, n in vocabulary.numbers.items() if n > 0}
    for words, n in vocabulary.table("amounts").items():
        numbers[words] = n
        if " " in words:
            text = re.sub(rf"\b{words}\b", str(n), text, flags=re.IGNORECASE)
    for pattern in _grammar(tuple(numbers)):
        found = pattern.search(text)
        if found:
            said = " ".join(found["n"].casefold().removesuffix(" of").split())
            count = numbers[said] if said in numbers else int(said)
            if 1 <= count <= _LARGEST:
                return count
    for found in _LISTED.finditer(text):
        counts = found[1].casefold() in numbers or found[1].isdecimal()
        if counts and names_kind(found[2]):
            return read_count(f"just {found[1]}", vocabulary, names_kind)
    return None


@lru_cache(maxsize=8)
def _grammar(words: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
    ascii_words = sorted((w for w in words if w.isascii()), key=len, reverse=True)
    english = "|".join(w.replace(" ", r"\s+") for w in ascii_words)
    han = "|".join(w for w in words if not w.isascii())
    number = rf"(?P<n>\d{{1,4}}|(?:{english})(?:(?<=couple|..pair|.dozen)\s+of\b(?=\s+(?!us\b|people\b|them\b)\w))?)\b(?!\.\d)"
    kinds = r"(?:[\w'-]+\s+){0,3}?"
    plural = r"(?:\w+ies|\w+[^s\W]s)"
    counted = rf"\s+{kinds}(?:{_ITEMS}|{plural})\b"
    ask = r"\b(?:give|show|recommend|suggest|find|get|list|name|tell|pick|need|want|offer|send|make\s+it|make\s+that)"
    patterns = (
        rf"(?:^|[,;.])\s*(?:just |only |maybe )?(?!one\b){number}\s+of\s+(?:them|those|these)\b",
        (
            rf"\b(?:just|only|exactly|no more than|not more than|at most|max(?:imum)?(?: of)?|up to)\s+(?:the\s+)?{number}"
            rf"(?=\s*(?:$|[.,;!?)]|please\b|thanks\b|for me\b|{_ITEMS}\b|(?:(?!of\b)\w+\s+){{0,2}}{_ITEMS}\b|(?!of\b)\w+ies\b))"
        ),
        rf"\b{number}\s+(?:{_ITEMS}\s+)?(?:only|max|maximum|at most)\b",
        rf"(?<!my )(?<!our )(?<!his )(?<!her )(?<!seen the )(?<!liked the )(?<!loved the )(?<!watched the )\b(?:top|best|first)[\s-]+(?!one\b){number}{_NO_ITEMS}",
        (
            rf"{ask}(?:\s+(?:me|us|out|up))?(?:\s+(?:just|only|exactly|about|maybe|like|a|the|top|best|another))*\s+{number}{_NO_ITEMS}"
            rf"(?:{counted}|\s*(?:$|[.,;!?]|please\b))"
        ),
        rf"(?:^|[.,;!?])\W{{0,3}}(?:(?:please|maybe|about|the|another|a|just|and)\s+)*{number}{_NO_ITEMS}\s+{kinds}{_ITEMS}\b",
        rf"(?:推荐|给我?|来|要|找|选|列出?|前|看)\S{{0,2}}?(?P<n>\d{{1,3}}|(?!一){han.replace('一|', '')})\s*(?:部|本|个|首|款|张)",
        rf"(?:只|就|仅|只要|只看|最多)\S{{0,2}}?(?P<n>\d{{1,3}}|{han})\s*(?:部|本|个|首|款|张)",
    )
    return tuple(re.compile(pattern, re.IGNORECASE) for pattern in patterns)
