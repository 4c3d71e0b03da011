"""What lines in plain words do: wish, refine, take back, correct, point at items, answer a question."""

import re
from collections.abc import Callable, Iterable
from dataclasses import replace

from m6rec.chat import asking, clauses, pointers, turns
from m6rec.chat.clauses import Clauses
from m6rec.chat.pointers import THAT
from m6rec.chat.state import Reply, State
from m6rec.chat.talk import Talk, judged
from m6rec.chat.turns import Turn
from m6rec.errors import UserError
from m6rec.records import Choice, Match, Recommendation

SURE_OF_TITLE = 0.85
"""Confidence from which the words of a correction are taken for a title."""
_LIKE = re.compile(
    r"^(?:(?:show me|give me|i want|something|anything|more|a bit|much|just|things?|movies?|films?)\s+)*"
    r"(?:like|similar to)\s*(?:[,;]\s*)?(?:(?:but|only|just|except)\b\s*)*",
    re.IGNORECASE,
)
"""What is left of "more like #2 but" when the number is taken out."""
_OPINION = re.compile(r"^\s*(?:looks?|sounds?|seems?|is|was|are|were)\b.*", re.IGNORECASE)
"""What is left of "#2 looks fun"; the verdict says it."""
_YEARS = frozenset(
    [
        *("year", "years", "decade", "decades", "age", "era"),
        *("time", "period", "date", "dates", "年代", "年份"),
    ]
)
_FIELD_WORDS = {
    **dict.fromkeys(("genre", "kind", "type", "sort", "类型"), ("genres", "genre", "categories", "category")),
    **dict.fromkeys(("actor", "actress", "cast", "star", "演员"), ("cast", "actors", "starring")),
    **dict.fromkeys(("director", "导演"), ("directors", "director")),
    **dict.fromkeys(("language", "语言"), ("languages", "language")),
    **dict.fromkeys(("country", "国家"), ("countries", "country")),
    **dict.fromkeys(("length", "runtime", "duration"), ("runtime", "length", "duration", "minutes")),
}  # fmt: skip


def say(talk: Talk, turn: Turn) -> Reply:
    """A wish: refines what was said; "more westerns" of what is asked for already asks for others."""
    if not turn.argument:
        return Reply()
    state = talk.state
    if state.last is not None and turns.asks_for_others(turn.argument):
        said = {word.stem for word in clauses.content_words(clauses.joined(state.wishes))}
        if all(word.stem in said for word in clauses.content_words(turn.argument)):
            return more(talk, Turn("more"))
    return talk.ask(talk.wished(state, turn.argument))


def more(talk: Talk, turn: Turn) -> Reply:
    """Others, nothing that was shown before."""
    state = replace(talk.state, passed=talk.state.shown)
    return talk.ask(talk.wished(state, turn.argument))


def instead(talk: Talk, turn: Turn) -> Reply:
    """One wish in place of another, or of the last one."""
    wishes = talk.state.wishes
    wishes = clauses.forget(wishes, turn.what) if turn.what else wishes[:-1]
    return talk.ask(talk.wished(replace(talk.state, wishes=wishes), turn.argument))


def meant(talk: Talk, turn: Turn) -> Reply:
    """A correction: of a title that was misread, of what speaks of the same, or of the last wish."""
    state, said = talk.state, turn.argument
    if not state.wishes:
        return say(talk, turn)
    last = state.wishes[-1]
    match = talk.recommender.grounder.ground(said)
    if state.last is not None and match.confidence >= SURE_OF_TITLE:
        for misread in (*state.last.matched, *state.last.unmatched):
            if misread.mention in last and misread.item_id != match.item_id:
                corrected = last.replace(misread.mention, said)
                return talk.ask(replace(state, wishes=(*state.wishes[:-1], corrected)))
    kept = _corrected(state.wishes, said, talk.recommender.companion.about)
    return talk.ask(talk.wished(replace(state, wishes=kept), said))


def rather(talk: Talk, turn: Turn) -> Reply:
    """Not what is listed but this, as in "no, westerns": a kind in place of the kind, or besides."""
    state, about = talk.state, talk.recommender.companion.about
    if about(turn.argument) & about(clauses.joined(state.wishes)):
        kept = _corrected(state.wishes, turn.argument, about)
        return talk.ask(talk.wished(replace(state, wishes=kept), turn.argument))
    return more(talk, turn) if state.last is not None else say(talk, Turn("say", turn.argument))


def forget(talk: Talk, turn: Turn) -> Reply:
    """Takes words back; without any, the last wish."""
    wishes = talk.state.wishes
    rest = clauses.forget(wishes, turn.argument) if turn.argument else wishes[:-1]
    if rest == wishes and fields_of(talk, turn.argument):
        return free(talk, turn)
    if rest == wishes:
        if talk.recommender.grounder.ground(f"forget {turn.argument}").confidence == 1:
            return say(talk, Turn("say", f"Forget {turn.argument}"))
        said = f"; so far: {clauses.joined(wishes)}" if wishes else ""
        return Reply(lines=(f'Nothing was said about "{turn.argument}"{said}.',))
    return _with_wishes(talk, rest)


def allow(talk: Talk, turn: Turn) -> Reply:
    """Takes back what was said about something that "is fine"; otherwise it is a wish."""
    rest = clauses.forget(talk.state.wishes, turn.argument)
    if rest == talk.state.wishes:
        if fields_of(talk, turn.argument.removeprefix("any ")):
            return free(talk, Turn("any", turn.argument.removeprefix("any ")))
        return say(talk, Turn("say", turn.argument))
    return _with_wishes(talk, rest)


def free(talk: Talk, turn: Turn) -> Reply:
    """Takes back everything that was said about one field, as in "any year is fine"."""
    fields = fields_of(talk, turn.argument)
    if not fields and not _is_field_word(turn.argument):
        return say(talk, Turn("say", turn.argument))
    about = talk.recommender.companion.about
    rest = tuple(left for clause in talk.state.wishes if (left := _freed(clause, fields, about)))
    if rest == talk.state.wishes:
        said = f"; so far: {clauses.joined(rest)}" if rest else ""
        return Reply(lines=(f"Nothing was said about the {turn.argument}{said}.",))
    return _with_wishes(talk, rest)


def reset(talk: Talk, turn: Turn) -> Reply:
    """Forgets the conversation, not the person."""
    fresh = State(k=talk.state.k, tastes=talk.state.tastes, unlearned=talk.state.unlearned)
    if turn.argument:
        return talk.ask(talk.wished(fresh, turn.argument))
    talk.state = fresh
    return Reply(lines=("Starting over; this conversation is forgotten.",))


def point(talk: Talk, turn: Turn, why: Callable[[Talk, Turn], Reply]) -> Reply:
    """Words about items of the last list, with or without a wish beside them.

    Args:
        talk: The conversation.
        turn: The line.
        why: What is done when the line neither judges nor wishes.
    """
    places = pointers.pointers(turn.argument)
    if talk.state.last is None:
        if clauses.says_something(pointers.name_pointers(turn.argument)):
            return say(talk, turn)
        talk.at(max(places))
    if THAT in places and not talk.has_focus and turns.asks_for_others(turn.argument):
        return more(talk, Turn("more", _beside(turn.argument)))
    state, lines, wish = _pointed(talk, turn.argument)
    if state is talk.state and not wish:
        return why(talk, Turn("why", " ".join(map(str, places))))
    if state.marked("liked") != talk.state.marked("liked"):
        state = replace(state, passed=state.shown)
    talk.commit(state)
    try:
        reply = talk.ask(talk.wished(state, wish))
    except UserError as error:
        reply = Reply(lines=(str(error),))
    return replace(reply, lines=(*lines, *reply.lines))


def choose(talk: Talk, choice: Choice) -> Reply:
    """The answer to a question: a wish, or a liked item; what was listed is passed by."""
    state = replace(talk.state, skipped=0, passed=talk.state.shown, pending=None)
    if choice.item_id is None:
        return talk.ask(replace(state, wishes=clauses.add(state.wishes, choice.wish)))
    liked = Recommendation(0, choice.item_id, choice.label, 0.0, 0.0, {}, "")
    reply = talk.ask(judged(state, [liked], "liked"))
    return replace(reply, lines=(f"liked: {choice.label}", *reply.lines))


def refuse(talk: Talk) -> Reply:
    """Refuses everything that was offered, as in "neither"."""
    state = talk.state
    if state.pending is None:
        return Reply()
    wish = ", ".join(choice.refusal for choice in state.pending.choices)
    state = replace(state, skipped=0, passed=state.shown, pending=None)
    if state.asked[-1:] == (asking.PAIR,):
        return talk.ask(state)
    return talk.ask(replace(state, wishes=clauses.add(state.wishes, wish)))


def others(talk: Talk, _: Turn) -> Reply:
    """Nothing of what is listed, as in "none of these"."""
    if talk.state.last is None:
        return Reply(lines=("What would you like, then? /help shows how to say it.",))
    return more(talk, Turn("more"))


def skip(talk: Talk) -> Reply:
    """The question is let go; the list stands."""
    talk.state = replace(talk.state, pending=None, skipped=talk.state.skipped + 1)
    return Reply(lines=("All right. Say more whenever you like, or /more for others.",))


def fields_of(talk: Talk, word: str) -> tuple[str, ...]:
    """The fields of the catalog that a word such as "year", "genre" or "actor" stands for."""
    names = talk.recommender.catalog.field_names
    word = word.casefold().removeprefix("the ").strip()
    if word in _YEARS:
        return tuple(name for name in names if name == "year")
    singular = word.removesuffix("s")
    known = {*_FIELD_WORDS.get(word, ()), *_FIELD_WORDS.get(singular, ())}
    same = {word, singular, f"{word}s", f"{singular.removesuffix('y')}ies"}
    return tuple(name for name in names if name.casefold() in known | same)


def _is_field_word(word: str) -> bool:
    """Whether a word names something items can have, in this catalog or another."""
    word = word.casefold()
    return word in _YEARS or word in _FIELD_WORDS or word.removesuffix("s") in _FIELD_WORDS


def _with_wishes(talk: Talk, wishes: Clauses) -> Reply:
    if not wishes and not talk.state.marked("liked"):
        talk.state = replace(talk.state, wishes=(), pending=None)
        return Reply(lines=("Forgotten. What would you like?",))
    return talk.ask(replace(talk.state, wishes=wishes))


def _freed(clause: str, fields: Iterable[str], about: Callable[[str], frozenset[str]]) -> str:
    """A clause without the words that speak of some fields; whole when it speaks of others only."""
    wanted = {*fields}
    while clause and (spoken := wanted & about(clause)):
        stems = dict.fromkeys(word.stem for word in clauses.content_words(clause))
        if not stems:
            return ""
        tried = {stem: clauses.without(clause, {stem}) for stem in stems}
        left = {stem: len(spoken & about(rest)) if rest else 0 for stem, rest in tried.items()}
        # Figures first: of "between 1990 and 1995" each alone still speaks of years.
        best = min(stems, key=lambda stem: (left[stem], not any(c.isdigit() for c in stem)))
        if left[best] == len(spoken) and not any(c.isdigit() for c in best):
            return ""
        clause = tried[best]
    return "" if clauses.only_bare(clause) else clause


def _corrected(wishes: Clauses, said: str, about: Callable[[str], frozenset[str]]) -> Clauses:
    """The wishes without what a correction is about: a year for a year, a kind for a kind."""
    spoken = about(said)
    for n in reversed(range(len(wishes))):
        if shared := spoken & about(wishes[n]):
            rest = _freed(wishes[n], shared, about)
            return tuple(clause for clause in (*wishes[:n], rest, *wishes[n + 1 :]) if clause)
    return wishes[:-1]


def _beside(text: str) -> str:
    """What a line says beside "more like that": its other parts."""
    rest = [part.text for part, _ in pointers.read_parts(text) if not part.positions]
    return ", ".join(part.strip() for part in rest if part.strip(" ,.!?"))


def _pointed(talk: Talk, text: str) -> tuple[State, list[str], str]:
    """The state after the verdicts of a pointing line, what to tell, and the wish beside them."""
    state = talk.state
    spoken: Recommendation | Match | None = None
    told: dict[str, None] = {}
    kept: list[str] = []
    for part, separator in pointers.read_parts(text):
        # "The first one is great, more like that one": what the line itself spoke of comes first.
        items = [
            spoken if position == THAT and spoken is not None else talk.at(position)
            for position in talk.places(part.positions)
        ]
        spoken = items[-1] if items else spoken
        if part.verdict is not None:
            state = judged(state, items, part.verdict)
            told |= {f"{part.verdict}: {item.title}": None for item in items}
        beside = pointers.name_pointers(part.text)
        if items:
            # A title in the wish would only be read as words: the verdict says all that it can say.
            beside = _LIKE.sub("", beside.strip()) if part.verdict == "liked" else ""
            beside = _OPINION.sub("", beside)
        if not items or clauses.says_something(beside):
            kept.append(beside + separator)
    wish = " ".join("".join(kept).split()).strip(" ,;，；。")
    if not clauses.says_something(wish):
        return state, list(told), ""
    return state, list(told), talk.dated(wish, spoken.item_id if spoken is not None else None)
