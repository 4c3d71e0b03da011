"""Request pairs: an utterance and the descriptions that fit it."""

from collections import defaultdict
from collections.abc import Callable, Iterator

import numpy as np

from m6rec.facets import Description, FacetPlan
from m6rec.pairs.phrasebook import Phrasebook, Wish
from m6rec.records import TextPair
from m6rec.vocabulary import Vocabulary, is_cjk

DECADE_FORMS: dict[str, tuple[str, ...]] = {
    "1920s": ("1920s", "twenties"), "1930s": ("1930s", "thirties", "30s"),
    "1940s": ("1940s", "forties", "40s"), "1950s": ("1950s", "fifties", "50s"),
    "1960s": ("1960s", "sixties", "60s"), "1970s": ("1970s", "seventies", "70s"),
    "1980s": ("1980s", "eighties", "80s"), "1990s": ("1990s", "nineties", "90s"),
    "2000s": ("2000s", "noughties"), "2010s": ("2010s",), "2020s": ("2020s",),
}  # fmt: skip


class RequestPairs:
    """Draws request pairs for the descriptions a catalog has.

    Args:
        descriptions: Every path's description.
        plan: Which fields make paths.
        phrasebook: What people say.
        vocabulary: How values are named, other forms included.
        nouns: What one item and several are called, in lower case.
    """

    def __init__(
        self,
        descriptions: list[Description],
        plan: FacetPlan,
        phrasebook: Phrasebook,
        vocabulary: Vocabulary,
        nouns: tuple[str, str],
    ) -> None:
        self._plan = plan
        self._book = phrasebook
        self._vocabulary = vocabulary
        self._noun, self._nouns = nouns
        self._texts: dict[tuple[tuple[str, str], ...], str] = {}
        self._by_value: dict[str, set[str]] = defaultdict(set)
        self._by_decade: dict[str, set[str]] = defaultdict(set)
        sizes: dict[tuple[tuple[str, str], ...], int] = defaultdict(int)
        for found in descriptions:
            self._texts[found.facets] = found.text
            sizes[found.facets] += 1
            values = [v for name, v in found.facets if name == plan.lead]
            decades = [v for name, v in found.facets if name == "decade"]
            if len(values) == 1:
                self._by_value[values[0]].add(found.text)
            for decade in decades:
                self._by_decade[decade].add(found.text)
        self._kinds = self._group(sizes)
        # Without a description a pair would say that anything fits, so such wishes are not drawn.
        granted = [(wish, self._granting(wish)) for wish in phrasebook.wishes]
        self._wishes = [(wish.texts, texts) for wish, texts in granted if texts]

    def _group(
        self, sizes: dict[tuple[tuple[str, str], ...], int]
    ) -> dict[str, tuple[list[tuple[tuple[str, str], ...]], np.ndarray]]:
        """Facet sets by the fields they draw on, with a chance that grows with their size."""
        groups: dict[str, list[tuple[tuple[str, str], ...]]] = defaultdict(list)
        for facets in sizes:
            if facets:
                groups["+".join(name for name, _ in facets)].append(facets)
        # The square root keeps rare values in sight without letting them crowd out common ones.
        drawn = {}
        for kind, members in groups.items():
            chance = np.sqrt([sizes[m] for m in members])
            drawn[kind] = (members, chance / chance.sum())
        return drawn

    def draw(self, rng: np.random.Generator) -> TextPair:
        """One pair; which kind is drawn first, then what it asks for."""
        makers = self._makers()
        chances = np.array([chance for chance, _ in makers], dtype=np.float64)
        maker = makers[int(rng.choice(len(makers), p=chances / chances.sum()))][1]
        return maker(rng)

    def stream(self, rng: np.random.Generator) -> Iterator[TextPair]:
        """Pairs without end."""
        while True:
            yield self.draw(rng)

    def _makers(self) -> list[tuple[float, Callable[[np.random.Generator], TextPair]]]:
        lead = self._plan.lead
        makers: list[tuple[float, Callable[[np.random.Generator], TextPair]]] = [(1.0, self._idle)]
        if self._wishes:
            makers.append((10.0, self._wish))
        if lead is not None and self._by_value:
            makers.append((4.0, self._value))
            if f"{lead}+decade" in self._kinds:
                makers.append((3.0, self._value_decade))
            if self._by_decade:
                makers.append((0.7, self._decade))
            if f"{lead}+{lead}" in self._kinds:
                makers.append((2.0, self._pair))
        makers += [
            (1.0, lambda rng, name=name: self._other(name, rng))  # type: ignore[misc]
            for name in self._plan.others
            if name in self._kinds
        ]
        return makers

    def _frame(self, name: str, rng: np.random.Generator, **words: str) -> str:
        frames = self._book.frames.get(name) or self._book.frames["value"]
        frame = frames[int(rng.integers(len(frames)))]
        text = frame.format(noun=self._noun, nouns=self._nouns, **words)
        return _scruffy(text, rng)

    def _name(self, value: str, rng: np.random.Generator) -> tuple[str, bool]:
        """One way to say a leading value, and whether it is Chinese."""
        forms = self._vocabulary.forms(self._plan.lead or "", value)
        first = forms[0] if rng.random() < 0.4 else forms[int(rng.integers(len(forms)))]
        return first, is_cjk(first)

    def _idle(self, rng: np.random.Generator) -> TextPair:
        texts = self._book.neutral
        return TextPair("neutral", texts[int(rng.integers(len(texts)))])

    def _granting(self, wish: Wish) -> tuple[str, ...]:
        """The catalog's descriptions that a wish asks for."""
        fitting = {d for value in wish.any_of for d in self._by_value.get(value, ())}
        lead = self._plan.lead or ""
        if wish.all_of:
            pairs = [tuple((lead, v) for v in order) for order in (wish.all_of, wish.all_of[::-1])]
            fitting = {self._texts[p] for p in pairs if p in self._texts}
        if wish.decade:
            fitting &= self._by_decade.get(wish.decade, set())
        return tuple(sorted(fitting))

    def _wish(self, rng: np.random.Generator) -> TextPair:
        sizes = np.array([len(texts) for texts, _ in self._wishes], dtype=np.float64)
        texts, fitting = self._wishes[int(rng.choice(len(sizes), p=sizes / sizes.sum()))]
        text = _scruffy(texts[int(rng.integers(len(texts)))], rng)
        return TextPair("wish", text, descriptions=fitting)

    def _value(self, rng: np.random.Generator) -> TextPair:
        values = sorted(self._by_value)
        value = values[int(rng.integers(len(values)))]
        word, chinese = self._name(value, rng)
        text = self._frame("value_zh" if chinese else "value", rng, value=word)
        return TextPair("value", text, descriptions=tuple(sorted(self._by_value[value])))

    def _value_decade(self, rng: np.random.Generator) -> TextPair:
        facets = self._facets(f"{self._plan.lead}+decade", rng)
        (_, value), (_, decade) = facets
        word, chinese = self._name(value, rng)
        if chinese and decade >= "1930s":
            text = self._frame("value_decade_zh", rng, value=word, decade=decade[2:4])
        else:
            word = self._vocabulary.spoken(self._plan.lead or "", value) if chinese else word
            era = self._era(decade, rng)
            text = self._frame("value_decade", rng, value=word, decade=era)
        return TextPair("value+decade", text, descriptions=(self._texts[facets],))

    def _decade(self, rng: np.random.Generator) -> TextPair:
        decades = sorted(self._by_decade)
        decade = decades[int(rng.integers(len(decades)))]
        text = self._frame("decade", rng, decade=self._era(decade, rng))
        return TextPair("decade", text, descriptions=tuple(sorted(self._by_decade[decade])))

    def _pair(self, rng: np.random.Generator) -> TextPair:
        facets = self._facets(f"{self._plan.lead}+{self._plan.lead}", rng)
        words = [self._vocabulary.spoken(*facet) for facet in facets]
        first, second = words if rng.random() < 0.5 else words[::-1]
        text = self._frame("pair", rng, value=first, other=second)
        return TextPair("pair", text, descriptions=(self._texts[facets],))

    def _other(self, name: str, rng: np.random.Generator) -> TextPair:
        facets = self._facets(name, rng)
        value = facets[0][1]
        forms = [f for f in self._vocabulary.forms(name, value) if not is_cjk(f)] or [value]
        adjective = forms[int(rng.integers(len(forms)))]
        text = self._frame(name, rng, value=value, adjective=adjective)
        return TextPair(name, text, descriptions=(self._texts[facets],))

    def _facets(self, kind: str, rng: np.random.Generator) -> tuple[tuple[str, str], ...]:
        members, chance = self._kinds[kind]
        return members[int(rng.choice(len(members), p=chance))]

    @staticmethod
    def _era(decade: str, rng: np.random.Generator) -> str:
        forms = DECADE_FORMS.get(decade, (decade,))
        return forms[int(rng.integers(len(forms)))]


def _scruffy(text: str, rng: np.random.Generator) -> str:
    """As people type: sometimes no capitals, a full stop, no question mark."""
    luck = rng.random()
    if luck < 0.25:
        return text.lower().rstrip("?.!")
    if luck < 0.4:
        return text[:1].upper() + text[1:] + ("" if text.endswith(("?", ".", "!")) else ".")
    return text
