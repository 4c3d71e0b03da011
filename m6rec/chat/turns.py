"""What one line of a conversation asks for, in English and Chinese.

A line is a command ("/like 2"), a command in plain words ("something else", "换一批"), or a wish. The
grammar is the table below; nothing here knows the catalog or what was said before.
"""

import re
from typing import NamedTuple

from m6rec.chat.pointers import FULL_WIDTH, POINTER, pointers

_END = r"[\s.!?。！？~]*$"
_THEN = r"\s*(?:[,;:.，；。]\s*(?P<rest>\S.*?)?)?" + _END


def _phrase(pattern: str, end: str = _END) -> re.Pattern[str]:
    return re.compile(
        # "Cool Runnings instead" is no "cool".
        rf"^(?:(?:please|ok(?:ay)?|well|yes|yeah|yep|sure|thanks|hm+)[,.!]? "
        rf"|(?:great|cool|nice)(?:[,.!] | (?=more\b|thank|thx))|请)*(?:{pattern}){end}",
        re.IGNORECASE | re.DOTALL,
    )


_FORGET_LAST = _phrase(
    r"(?:forget|scratch|drop|undo)(?: (?:that|it|this|the last (?:one|thing|wish)))?"
    r"|never ?mind(?: that| it)?|算了"
)
_PHRASES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("quit", _phrase(r"quit|exit|(?:good ?)?bye(?: bye)?|再见|拜拜|退出")),
    ("help", _phrase(r"help|\?|？|what can (?:i|you) (?:say|do)|帮助|怎么用")),
    ("thanks", _phrase(r"thanks?(?: you)?(?: very much| a lot)?|thx|cheers|谢谢你?|多谢")),
    (
        "fine",
        _phrase(
            r"ok(?:ay)?|fine|cool|great|nice|perfect|alright|all right|got it|i see|sounds good|yes|yeah|sure|whatever|lol|haha+|wow"
            r"|(?:that(?:'s| is) )?(?:good|great|enough|perfect)|(?:looks|these look|they look|this looks) (?:good|great|fine|nice)|好的?|不错|可以|行"
        ),
    ),
    ("hello", _phrase(r"hi|hello|hey(?: there)?|good (?:morning|evening)|你好|您好|嗨")),
    (
        "reset",
        _phrase(
            r"(?:let'?s |can we )?(?:start (?:over|again|afresh)|reset|new search|from scratch"
            r"|clean slate|begin again)|start (?:over|again) with (?P<rest2>.+?)|forget (?:everything|it all|all(?: of (?:it|that))?)"
            r"|重新开始|重来|从头(?:再来|开始)|全部?忘(?:掉|了)",
            _THEN,
        ),
    ),
    (
        "more",
        _phrase(
            r"(?:(?:show|give|tell)(?: me)? |i want |any |have you )?(?:some |any )?"
            r"(?:more(?: (?:of|like) (?:them|these|those))?|others?|other ones?|another(?: one| few| list)?"
            r"|something (?:else|different)|anything else|what else(?: (?:have|do|can|could|did)? ?(?:you|u|ya|is|there)[\w ']{0,20})?|different ones|new ones"
            r"|next(?: page| ones?| list)?)(?:,? please)?"
            r"|(?:还有没?有?|有没有|再来点)?(?:类似|差不多|这样|那样)的(?:还有)?(?:吗|没有)?"
            r"|换[一个]?[批换些组下部]|换个(?:别的)?|还有(?:吗|没有|别的|其他的?|更多)?[的吗么]*"
            r"|(?:再)?来(?:一批|一些|几个|几部|点别的)|再来点?|更多的?|下一[批页个]"
            r"|(?:看看|来点|有没有)?(?:别的|其他的?|其它的?)",
            _THEN,
        ),
    ),
    ("compare", _phrase(r"compare (?P<rest>#?\d{1,2}(?:,? (?:and|with|to) |,? )#?\d{1,2})")),
    (
        "instead",
        _phrase(
            r"instead of (?P<what>[^,;]+?)[,;]\s*(?P<rest>.+?)"
            r"|instead[,:]?\s+(?!of\b)(?P<rest2>.+?)"
            r"|(?P<rest3>.+?) instead of (?P<what2>.+?)"
            r"|(?P<rest4>.+?),? instead"
            r"|(?:换成|改成|改看|还是看)(?P<rest5>.+?)[吧]?"
        ),
    ),
    (
        "meant",
        _phrase(
            r"(?:(?:no|nope|nah|sorry|oops|wait|hm+)[,.!]*\s+)*"
            r"(?:i (?:actually |really )?(?:meant?|said)|i was talking about|make that)[,:]?\s+(?P<rest>.+?)"
            r"|不(?:是|对)?[,，。]?\s*我(?:是说|说的是|的意思是|要的是)(?P<rest2>.+?)"
        ),
    ),
    (
        "rather",
        _phrase(
            r"(?:(?:(?:no|nope|nah|sorry|oops|wait)[,.!]+\s+)+(?:rather )?|rather )"
            r"(?!no\b|not\b|without\b|nothing\b|i\b|thanks?\b|thank\b|that)(?P<rest>.+?)"
        ),
    ),
    (
        "any",
        _phrase(
            r"(?:any|every|whatever|whichever|all)(?: the)? (?P<rest>[\w-]+)"
            r" (?:is|are|would be|will|works?|goes)(?: (?:fine|ok(?:ay)?|good|alright|do|allowed|too))*"
            r"|(?:the |what |which )?(?P<rest2>[\w-]+) (?:does ?n['’]?t|do(?:es)? not|don['’]?t) matter"
            r"|i (?:don['’]?t|do not) (?:really )?(?:care|mind) (?:about |what |which )?(?:the )?(?P<rest3>[\w-]+)"
            r"(?: (?:it is|they are))?"
            r"|no matter (?:the|what|which) (?P<rest4>[\w-]+)"
            r"|(?:什么|哪个|任何|哪种)?(?P<rest5>年代|年份|类型|语言|国家|演员|导演)(?:都可以|都行|无所谓|不限|随便)"
        ),
    ),
    (
        "allow",
        _phrase(
            r"(?P<rest>.+?) (?:is|are) (?:also )?(?:fine|ok(?:ay)?|allowed)"
            r"(?: too| as well| after all| again| with me| by me| now)*"
            r"|(?:it )?(?:does ?n['’]?t|need ?n['’]?t|do(?:es)? not) (?:have|need) to be (?P<rest2>.+?)"
            r"|(?P<rest3>.+?)也(?:可以|行)"
        ),
    ),
    ("forget", _FORGET_LAST),
    (
        "forget",
        _phrase(
            r"(?:forget(?: about)?|never ?mind(?: about)?|scratch|drop)\s+(?P<rest>.+?)"
            r"|(?:忘掉|忘了|去掉|别管|不管)(?P<rest2>.+?)[了吧]?"
        ),
    ),
)

_WHY = re.compile(
    r"^(?:why|how|who|when|where|what|explain|tell me (?:more )?about|为什么|为啥|谁|介绍)",
    re.IGNORECASE,
)
_OTHERS = re.compile(
    r"^(?:(?:show|give) me )?(?:some )?(?:more|others?|another|different)\b|^(?:再来|还要|更多)",
    re.IGNORECASE,
)
_COMPARED = {
    sign: _phrase(
        r"(?:(?:something|anything|some|a bit|a little|a lot|much|but|show me|give me|maybe|只要)\s+)*"
        rf"(?:{words})(?:,? (?:ones?|films?|movies?|stuff|things?|please))*"
    )
    for sign, words in (
        ("newer", "newer|more recent|more modern|再?新一?点的?|更新的"),
        ("older", "older|earlier|more classic|再?[老旧]一?点的?|更[老旧早]的"),
    )
}

LONGEST_PHRASE = 300
"""A longer line is a wish; it also keeps the lazy patterns above from being run on pasted books."""

WORDS_ONLY = frozenset(
    {"say", "point", "instead", "hello", "thanks", "fine", "meant", "rather", "any", "allow"}
)
"""Turns that have no slash command."""


class Turn(NamedTuple):
    """One line as it was meant.

    `name` is a command without its slash, ``say`` for a wish, ``point`` for words about numbered
    items, or ``unknown`` for a command that does not exist. `argument` is what follows; for
    ``instead``, `what` is the wish to be replaced, empty for the last one.
    """

    name: str
    argument: str = ""
    what: str = ""


def read_turn(line: str) -> Turn:
    """Return what a line asks for; an empty line is a ``say`` without argument."""
    text = " ".join(line.removeprefix("\ufeff").split())
    plain = text.translate(FULL_WIDTH)
    if plain.startswith("/"):
        name, _, argument = plain[1:].strip().partition(" ")
        name = name.casefold() or "help"
        return Turn(f"/{name}" if name in WORDS_ONLY else name, argument.strip())
    if len(text) > LONGEST_PHRASE:
        return Turn("say", text)
    if pointers(text) and not _FORGET_LAST.match(text):
        return _pointing(text)
    for name, pattern in _PHRASES:
        found = pattern.match(text)
        if found:
            groups = found.groupdict()
            rest = (value for key, value in groups.items() if key.startswith("rest") and value)
            what = (value for key, value in groups.items() if key.startswith("what") and value)
            return Turn(name, next(rest, "").strip(), next(what, "").strip())
    return Turn("say", text)


def _pointing(text: str) -> Turn:
    places = " ".join(str(position) for position in pointers(text))
    if _WHY.match(text) or not POINTER.sub("", text).strip(" .!?。！？"):
        return Turn("why", places)
    return Turn("point", text)


def compared(text: str) -> str | None:
    """Return ``newer`` or ``older`` when a wish says that about the last list and nothing more."""
    if len(text) > LONGEST_PHRASE:
        return None
    return next((sign for sign, pattern in _COMPARED.items() if pattern.match(text)), None)


def asks_for_others(text: str) -> bool:
    """Return whether a wish starts like "more westerns", "another one with dogs"."""
    return bool(_OTHERS.match(text))
