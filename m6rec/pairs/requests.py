"""Request pairs: an utterance and the descriptions that fit it."""

import copy
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import partial

import numpy as np

from m6rec.facets import Description, FacetPlan
from m6rec.pairs.augmentation import Augmenter
from m6rec.pairs.mixture import Draw, Mixture, bounds, pick
from m6rec.pairs.phrasebook import Phrasebook, Wish
from m6rec.pairs.wording import Wording, one
from m6rec.records import TextPair
from m6rec.vocabulary import Vocabulary, spelling

WEIGHTS = {
    "neutral": 1.0,
    "wish": 12.0,
    "value": 4.0,
    "value+decade": 3.0,
    "decade": 0.7,
    "pair": 2.0,
}
"""How often each kind is drawn, `OTHER` for a further field that makes paths. Wishes, which name no
facet, come first: named facets are learned within minutes, free wording is not."""
OTHER = 1.0
MANY_VALUES = 40
"""Values of the leading field up to which each is asked for equally often. Of more (shelves that users
named), the common ones are what people ask for."""
SIMILAR = 0.15
"""Share of the requests for nothing in particular that ask for more of the same."""

Facets = tuple[tuple[str, str], ...]


class RequestPairs:
    """Draws request pairs for the descriptions a catalog has.

    Args:
        descriptions: Every path's description.
        plan: Which fields make paths.
        phrasebook: What people say.
        vocabulary: How values are named, other forms included.
        nouns: What one item and several are called, in lower case.
        augmenter: Changes what is said, as people would; None changes nothing.

    Attributes:
        wording: Puts requests into words.
        wishes: The utterances of each wish that the catalog can grant, and the descriptions that do.
    """

    def __init__(
        self,
        descriptions: list[Description],
        plan: FacetPlan,
        phrasebook: Phrasebook,
        vocabulary: Vocabulary,
        nouns: tuple[str, str],
        augmenter: Augmenter | None = None,
    ) -> None:
        self._plan = plan
        self._spoken = partial(vocabulary.spoken, plan.lead or "")
        self._texts: dict[Facets, str] = {}
        self._by_value: dict[str, set[str]] = defaultdict(set)
        self._by_decade: dict[str, set[str]] = defaultdict(set)
        # What grants a wish: one value or two together, whatever the catalog calls them.
        self._by_spelling: dict[frozenset[str], set[str]] = defaultdict(set)
        sizes: dict[Facets, int] = defaultdict(int)
        paths: dict[str, int] = defaultdict(int)
        for found in descriptions:
            self._texts[found.facets] = found.text
            sizes[found.facets] += 1
            values = [v for name, v in found.facets if name == plan.lead]
            decades = [v for name, v in found.facets if name == "decade"]
            if len(values) == 1:
                self._by_value[values[0]].add(found.text)
                paths[values[0]] += 1
            if sizes[found.facets] == 1:
                self._by_spelling[self._spelled(values)].add(found.text)
            for decade in decades:
                self._by_decade[decade].add(found.text)
        self._kinds = _group(sizes)
        self._values = sorted(self._by_value)
        self._value_shares = _value_shares([paths[value] for value in self._values])
        self._speak(Wording(phrasebook, vocabulary, nouns, plan.lead, augmenter))

    def _speak(self, wording: Wording) -> None:
        self.wording = wording
        # Without a description a pair would say that anything fits, so such wishes are not drawn.
        granted = [(wish, self._granting(wish)) for wish in wording.book.wishes]
        # Ways to name one wish may lead to the same descriptions, and must not be drawn twice as often.
        self.wishes = list(dict.fromkeys((wish.texts, texts) for wish, texts in granted if texts))
        # Every utterance counts the same, whether its wish has many or few.
        self._wish_shares = bounds([len(texts) for texts, _ in self.wishes] or [1.0])
        draws = self.draws()
        self._mixture = Mixture(draws, {name: WEIGHTS.get(name, OTHER) for name in draws})

    def unheard(self, kept: Phrasebook) -> "RequestPairs":
        """The same catalog asked in utterances of another phrasebook, with nothing changed about them."""
        others = copy.copy(self)
        others._speak(self.wording.unheard(kept))
        return others

    def draw(self, rng: np.random.Generator) -> TextPair:
        """One pair; which kind is drawn first, then what it asks for."""
        return self._mixture.draw(rng)

    def stream(self, rng: np.random.Generator) -> Iterator[TextPair]:
        """Pairs without end."""
        return self._mixture.stream(rng)

    def draws(self) -> dict[str, Draw]:
        """The kinds of requests the catalog allows, and how each is drawn."""
        lead = self._plan.lead
        draws: dict[str, Draw] = {"neutral": self._idle}
        if self.wishes:
            draws["wish"] = self._wish
        if lead is not None and self._by_value:
            draws["value"] = self._value
            if f"{lead}+decade" in self._kinds:
                draws["value+decade"] = self._value_decade
            if self._by_decade:
                draws["decade"] = self._decade
            if f"{lead}+{lead}" in self._kinds:
                draws["pair"] = self._pair
        for name in self._plan.others:
            if name in self._kinds:
                draws[name] = partial(self._other, name)
        return draws

    def _idle(self, rng: np.random.Generator) -> TextPair:
        # Decoding writes "it" for a title that speaks through its likes, so there such words ask for
        # nothing more.
        if rng.random() < SIMILAR:
            return TextPair("neutral", self.wording.frame("similar", rng, title="it"))
        return TextPair("neutral", one(self.wording.book.neutral, rng))

    def _granting(self, wish: Wish) -> tuple[str, ...]:
        """The catalog's descriptions that a wish asks for."""
        wanted = [wish.all_of] if wish.all_of else [(value,) for value in wish.any_of]
        kinds = map(self._spelled, wanted)
        fitting = {text for kind in kinds for text in self._by_spelling.get(kind, ())}
        if wish.decade:
            fitting &= self._by_decade.get(wish.decade, set())
        return tuple(sorted(fitting))

    def _spelled(self, values: Iterable[str]) -> frozenset[str]:
        """What other names and spellings of values share."""
        return frozenset(spelling(self._spoken(value)) for value in values)

    def _wish(self, rng: np.random.Generator) -> TextPair:
        texts, fitting = self.wishes[pick(self._wish_shares, rng)]
        return TextPair("wish", self.wording.utterance(texts, rng), descriptions=fitting)

    def _value(self, rng: np.random.Generator) -> TextPair:
        value = self._values[pick(self._value_shares, rng)]
        word, chinese = self.wording.name(value, rng)
        text = self.wording.frame("value_zh" if chinese else "value", rng, value=word)
        return TextPair("value", text, descriptions=tuple(sorted(self._by_value[value])))

    def _value_decade(self, rng: np.random.Generator) -> TextPair:
        facets = self._facets(f"{self._plan.lead}+decade", rng)
        (_, value), (_, decade) = facets
        word, chinese = self.wording.name(value, rng)
        if chinese and decade >= "1930s":
            text = self.wording.frame("value_decade_zh", rng, value=word, decade=decade[2:4])
        else:
            word = self.wording.spoken(self._plan.lead or "", value) if chinese else word
            era = self.wording.era(decade, rng)
            text = self.wording.frame("value_decade", rng, value=word, decade=era)
        return TextPair("value+decade", text, descriptions=(self._texts[facets],))

    def _decade(self, rng: np.random.Generator) -> TextPair:
        decade = one(sorted(self._by_decade), rng)
        text = self.wording.frame("decade", rng, decade=self.wording.era(decade, rng))
        return TextPair("decade", text, descriptions=tuple(sorted(self._by_decade[decade])))

    def _pair(self, rng: np.random.Generator) -> TextPair:
        facets = self._facets(f"{self._plan.lead}+{self._plan.lead}", rng)
        words = [self.wording.spoken(*facet) for facet in facets]
        first, second = words if rng.random() < 0.5 else words[::-1]
        text = self.wording.frame("pair", rng, value=first, other=second)
        return TextPair("pair", text, descriptions=(self._texts[facets],))

    def _other(self, name: str, rng: np.random.Generator) -> TextPair:
        facets = self._facets(name, rng)
        text = self.wording.other(name, facets[0][1], rng)
        return TextPair(name, text, descriptions=(self._texts[facets],))

    def _facets(self, kind: str, rng: np.random.Generator) -> Facets:
        members, shares = self._kinds[kind]
        return members[pick(shares, rng)]


def _value_shares(sizes: list[int]) -> np.ndarray:
    """How often each leading value is asked for, as `pick` needs it, from its number of paths."""
    power = 0.5 if len(sizes) > MANY_VALUES else 0.0
    return bounds([float(size) ** power for size in sizes] or [1.0])


def _group(sizes: dict[Facets, int]) -> dict[str, tuple[list[Facets], np.ndarray]]:
    """Facet sets by the fields they draw on, with a chance that grows with their size."""
    groups: dict[str, list[Facets]] = defaultdict(list)
    for facets in sizes:
        if facets:
            groups["+".join(name for name, _ in facets)].append(facets)
    # The square root keeps rare values in sight without letting them crowd out common ones.
    return {
        kind: (members, bounds([float(np.sqrt(sizes[m])) for m in members]))
        for kind, members in groups.items()
    }
