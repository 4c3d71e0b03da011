"""What slash commands do."""

from dataclasses import replace

from m6rec.chat import clauses, telling
from m6rec.chat.pointers import Verdict, is_count
from m6rec.chat.state import Reply, State
from m6rec.chat.talk import Talk, judged
from m6rec.chat.turns import Turn
from m6rec.errors import RequestError
from m6rec.records import Taste

VERDICTS: dict[str, Verdict] = {"like": "liked", "dislike": "disliked", "seen": "seen"}
LONGEST_NAME = 100
"""Characters in the name of a user or of a file."""
_MOST_TITLES = 10
_PORTRAIT = ("forget", "add", "clear")


def why(talk: Talk, turn: Turn) -> Reply:
    """Its fields, the history, its score terms, and what moved it within the list."""
    found = talk.numbered(turn.argument or "1")
    items = talk.state.last or ()
    lines = [line for item in found for line in telling.why_lines(item, tuple(items))]
    if len(found) == 1:
        talk.state = replace(talk.state, focus=found[0].item_id)
    return Reply(lines=tuple(lines))


def compare(talk: Talk, turn: Turn) -> Reply:
    """Two items of the last list side by side."""
    found = talk.numbered(turn.argument) if turn.argument else []
    if len(found) != 2 or found[0].item_id == found[1].item_id:
        raise RequestError("/compare needs two numbers of the last list, as in /compare 1 3")
    catalog = talk.recommender.catalog
    items = {item.item_id: catalog[item.item_id] for item in found}
    return Reply(lines=tuple(telling.compare_lines(found[0], found[1], items)))


def mark(talk: Talk, turn: Turn) -> Reply:
    """A verdict on items of the last list, or on a title."""
    if not turn.argument:
        raise RequestError(f"/{turn.name} needs a number of the last list, or a title")
    found = talk.named(turn.argument)
    talk.commit(judged(talk.state, found, VERDICTS[turn.name]))
    return Reply(lines=tuple(f"{VERDICTS[turn.name]}: {item.title}" for item in found))


def likes(talk: Talk, _: Turn) -> Reply:
    """What this conversation knows."""
    asked = clauses.joined(talk.state.wishes) or "nothing yet"
    return Reply(lines=(f"asked for: {asked}", *_marked_lines(talk)))


def set_k(talk: Talk, turn: Turn) -> Reply:
    """The length of the lists to come."""
    if not is_count(turn.argument):
        raise RequestError(f'/k needs a whole number from 1, not "{turn.argument}"')
    talk.state = replace(talk.state, k=int(turn.argument))
    return Reply(lines=(f"Length of the lists from now on: {talk.state.k}.",))


def portrait(talk: Talk, turn: Turn) -> Reply:
    """Shows the taste of the person, or changes it: ``forget``, ``add``, ``clear``."""
    word, _, rest = turn.argument.partition(" ")
    word, rest = word.casefold(), rest.strip()
    if not word:
        return _portrait(talk)
    if word not in _PORTRAIT or bool(rest) != (word != "clear"):
        raise RequestError(
            "/portrait alone shows it; /portrait forget WORDS, /portrait add WORDS and "
            "/portrait clear change it"
        )
    if word == "clear":
        talk.state = replace(talk.state, tastes=(), unlearned=())
        return _portrait(talk)
    return (_learn if word == "add" else _unlearn)(talk, rest)


def save(talk: Talk, turn: Turn) -> Reply:
    """Keeps the conversation under a name; from now on it is that user's."""
    name = " ".join((turn.argument or talk.user or "").split())
    if not name:
        raise RequestError("/save needs a name, as in /save anna")
    if len(name) > LONGEST_NAME:
        raise RequestError(f"the name has {len(name)} characters; at most {LONGEST_NAME}")
    if name != talk.user:
        talk.user = name
        kept, talk.state = talk.state, replace(talk.state, verdicts=())
        talk.commit(kept)
    return Reply(save=name)


def export(_: Talk, turn: Turn) -> Reply:
    """Writes the conversation so far to a file."""
    if not turn.argument.casefold().endswith((".md", ".json")):
        raise RequestError("/export needs a file that ends in .md or .json, as in /export talk.md")
    return Reply(export=turn.argument)


def _portrait(talk: Talk) -> Reply:
    found = talk.recommender.companion.portrait(talk.known_user, talk.marked("liked"))
    left_out = {*talk.state.unlearned}
    tastes = tuple(t for t in found.tastes if (t.field, t.value) not in left_out)
    shown = replace(found, tastes=tastes)
    unlearned = [value for _, value in talk.state.unlearned]
    lines = telling.portrait_lines(shown, talk.state.tastes, unlearned)
    return Reply(lines=(*lines, *_marked_lines(talk, silent=True)))


def _learn(talk: Talk, words: str) -> Reply:
    match = talk.recommender.grounder.ground(words)
    if match.confidence == 1 and match.item_id is not None and not _kinds(talk, words):
        return mark(talk, Turn("like", words))
    kept = tuple(taste for taste in talk.state.tastes if taste.casefold() != words.casefold())
    unlearned = tuple(f for f in talk.state.unlearned if not _same(words, f[1]))
    talk.state = replace(talk.state, tastes=(*kept, words), unlearned=unlearned)
    return _portrait(talk)


def _unlearn(talk: Talk, words: str) -> Reply:
    tastes = tuple(taste for taste in talk.state.tastes if not _same(words, taste))
    found = talk.recommender.companion.portrait(talk.known_user, talk.marked("liked"))
    facets = tuple((t.field, t.value) for t in found.tastes if _is(words, t))
    if tastes == talk.state.tastes and not facets:
        return _forget_title(talk, words)
    unlearned = tuple(dict.fromkeys((*talk.state.unlearned, *facets)))
    talk.state = replace(talk.state, tastes=tastes, unlearned=unlearned)
    return _portrait(talk)


def _forget_title(talk: Talk, words: str) -> Reply:
    """A liked title that no longer counts; it is not shown again either."""
    match = talk.recommender.grounder.ground(words)
    likes = talk.recommender.companion.portrait(talk.known_user, talk.marked("liked")).liked
    if match.item_id is None or match.item_id not in likes:
        raise RequestError(f'your portrait has no "{words}"; /portrait shows it')
    talk.titles[match.item_id] = match.title
    talk.commit(judged(talk.state, [match], "seen"))
    return Reply(lines=(f"{match.title} counts as seen, no longer as liked.",))


def _kinds(talk: Talk, words: str) -> frozenset[str]:
    return talk.recommender.companion.about(words)


def _is(words: str, taste: Taste) -> bool:
    return _same(words, taste.label) or _same(words, taste.value)


def _same(words: str, others: str) -> bool:
    """Whether two texts have the same content words, whatever their number and order."""
    left = {word.stem for word in clauses.content_words(words)}
    return bool(left) and left == {word.stem for word in clauses.content_words(others)}


def _marked_lines(talk: Talk, *, silent: bool = False) -> tuple[str, ...]:
    lines = []
    for verdict in VERDICTS.values():
        ids = talk.marked(verdict)
        names = ", ".join(_title(talk, item_id) for item_id in ids[-_MOST_TITLES:])
        if len(ids) > _MOST_TITLES:
            names = f"{names} and {len(ids) - _MOST_TITLES} before"
        if names or not silent:
            lines.append(f"{verdict}: {names or 'nothing yet'}")
    return tuple(lines)


def _title(talk: Talk, item_id: str) -> str:
    return talk.titles.get(item_id) or talk.recommender.catalog[item_id].title


def started(talk: Talk, state: State) -> Reply:
    """What is told when a saved conversation goes on."""
    asked = clauses.joined(state.wishes)
    what = f": asked for {asked}" if asked else ""
    return Reply(lines=(f"Going on where {talk.user} left off{what}. /reset starts over.",))
