"""The words around a refused value: cues, little words between, nouns behind, joints of a list."""

import re

_NT = r"(?:n['’]?t|\s+not)"
_SAFE = rf"""
    \bnot\s+(?:only|just|necessarily|merely|simply|limited|opposed|against|averse|picky|sure|bad|mention|unlike|
        without|having|that\s+(?:i|it)\b|(?:sick|tired|bored)\b|exclusively|always|enough)\b
    |\b(?:is|are|was){_NT}\s+(?:it|this|that|there|he|she|they)\b
    |\bnever\s+to\b|\bwhy\s+not\b|\bif\s+not\b|\bor\s+not\b|\bwhether\b
    |\b(?:(?:that|which|who|it|they|these|those|but)\s+)*(?:do|does|did){_NT}\s+(?:have|need)\s+to\b|{_NT}\s+mind\b|\bno\s+(?:problem|issue|objection|preference|idea|doubt|wonder|matter|less|more\s+than|fewer|
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
    |\b(?:hate[ds]?|hating|dislike[ds]?|detest|loathe|avoid(?:ing)?|veto(?:es|ed|ing)?|skip(?:ping)?|exclud(?:e|es|ing)|leav(?:e|ing)\s+out|minus|without|w/o|
        except(?:ing)?(?:\s+for)?|other\s+than|apart\s+from|aside\s+from|besides|instead\s+of|rather\s+than|
        (?:anything|everything|all)\s+but|no\s+more|never|nothing|nor|neither|none\s+of|no|not|sans|
        (?:sick|tired|bored)\s+of|fed\s+up\s+with|free\s+of|forget(?:\s+about)?|drop|ban|omit|remove|devoid\s+of|zero|hold\s+the|(?:steer|stay|keep)\s+(?:clear\s+of|away\s+from))\b
    |\benough\s+(?:of|with)\b|\bnon[\s-]|\banti-
    |(?:我|请|千万|但|也|都|并)*(?:不要|不想看|不想要|不看|不喜欢|不爱看|不爱|讨厌|不是|不含|不带|没有|别|除了|除去|排除|避免|拒绝|非|受不了|不想|不)
"""
GRAMMAR = re.compile(f"(?P<safe>{_SAFE})|(?P<cue>{_CUE})", re.IGNORECASE | re.VERBOSE)
LITTLE = re.compile(
    r"(?:[\s,]*(?:an?|any|the|more|much|many|really|very|so|that|these|those|some|kinds? of|sorts? of|type of|of|in|for|with|by|from|"
    r"about|be|being|to|all|another|other|directed|starring|featuring|made|movies?|films?|flicks?|anything|something|stuff|overly|even|remotely|"
    r"like|into|do|fan|big|mood|interested|looking|up|feeling|seeing|see|watching|watch|having|too|at|is|are|me|(?-i:us)|show|give|recommend|"
    r"i|please|just|completely|purely|strictly|particularly|especially|typical|usual|more|explicit|heavy|cheesy|stupid|silly)\b"
    r"|太|那么|任何|带有?|含有?|看|给我|推荐|那些|这种|那种|什么|用|要|是|有|关于|再|的)*\s*[,\"'“‘]*",
    re.IGNORECASE,
)
TAIL = re.compile(
    r"(?:[\s-]*(?:movies?|films?|flicks?|pictures?|genres?|books?|novels?|elements?|scenes?|stuff|things?|ones?|parts?|themes?|"
    r"languages?|speaking|dialogues?|actors?|cinema|productions?|plots?|subplots?|content|in (?:it|them|there)|please|at all|whatsoever|"
    r"either|though|this time|today|tonight|again|related|free)\b|[\"'”’]|(?:类型|题材|元素|电影|作品|风格|成分|影片|片子|语|片|剧|类|的|之外|以外|了|吧|啊)+)*",
    re.IGNORECASE,
)
JOINT = re.compile(
    r"\s*(?:(?P<or>,?\s*\b(?:or|nor)\b|/|或者|或|、)|(?P<and>,?\s*\band\b|&|和|与|以及)|(?P<comma>,|，))"
    r"\s*(?P<again>(?:\b(?:no|not|any|without|even|too much|in|with|for|from|by|not even|are not|is not)\b\s*|也不要|也别|不要)*)(?P<article>(?:an?|the)\s+)?",
    re.IGNORECASE,
)
WORD = re.compile(r"[^\W_]+(?:['’.][^\W_]+)*\.?|[^\W_]+")
SUBJECT = re.compile(
    r"(?:[,\s]*\b(?:but|and|also|please|i|we|i'm|i am|i've had|i'd|i would|really|just|though|because|since)\b\s*)+$",
    re.IGNORECASE,
)
UNKNOWN = re.compile(r"[\w'’-]+(?:\s+[\w'’-]+)?(?=\s+(?:or|nor)\b)")
MILD = re.compile(r"\btoo\b\s*$|\btoo\s+(?:much|many)?\s*$", re.IGNORECASE)
