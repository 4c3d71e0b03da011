"""Whether words in a sentence are just words: "big", "a western", "scary movies", "it"."""

from functools import cached_property

from rapidfuzz import process
from rapidfuzz.distance import OSA

from m6rec.grounding.grounder import SURE_OF_PART, WELL_KNOWN, Grounder
from m6rec.grounding.keys import compact, split_year, title_key
from m6rec.records import Match
from m6rec.vocabulary import SaidValues, Vocabulary, plain, said_values, stem

_NEAR_WORD = 0.8
_NOT_OBSCURE = 0.5
_LONG_WORD = 6
_SHORT_WORD = 4
_LONGEST_STRANGE = 16
_RARE = 3
_NEARLY = 0.85
_FAMOUS = 0.95
_NOT_RARE = 0.75
_LONG_PHRASE = 10
_ALMOST = 0.9
_MANY_TELLING = 3


class Plainness:
    """Tells ordinary words from titles, for one text.

    Args:
        text: The whole text; where it is all capitals, capitals say nothing.
        grounder: Whose titles and catalog are meant.
    """

    def __init__(self, text: str, grounder: Grounder) -> None:
        self._grounder = grounder
        self._shouting = text.upper() == text
        words = Vocabulary.load().words
        self._pronouns, self._padding = words["pronouns"], words["padding"]
        self._nouns = words["nouns"]
        self._particles, self._idioms = words["particles"], words["idioms"]

    @cached_property
    def _values(self) -> SaidValues:
        return said_values(self._grounder.catalog, Vocabulary.load())

    def generic(self, text: str) -> bool:
        """Whether every word is padding, a general noun, or names a value of the catalog."""
        # "hated Alien" is the film, though "no alien films" would name a genre.
        says = self._values.kind if self.capitalised(text) else self._values.refused_kind
        left = [word for word in self._telling(plain(text).split()) if not says(word)]
        return not left or bool(says(" ".join(left)))

    def _telling(self, words: list[str]) -> list[str]:
        return [w for w in words if w not in self._padding and not self._noun(w)]

    def _noun(self, word: str) -> bool:
        return word in self._nouns or word.removesuffix("s") in self._nouns

    def nearly_generic(self, text: str) -> bool:
        """Whether the words are generic up to a typing error: "westrn movies"."""
        phrase = stem(" ".join(self._telling(plain(text).split())))
        if not phrase or self.generic(text):
            return True
        near = process.extractOne(
            phrase,
            self._values.kinds,
            scorer=OSA.normalized_similarity,
            score_cutoff=_NEAR_WORD,
        )
        return near is not None

    def capitalised(self, text: str) -> bool:
        """Whether some word that matters begins with a capital."""
        if self._shouting:
            return False
        return any(
            word[:1].isupper() and word.replace("’", "'").partition("'")[0].strip(",.") != "I"
            for word in text.split()
        )

    def title_like(self, text: str) -> bool:
        """Whether unknown words look like a title that should be reported as not found."""
        return self.capitalised(text) and not (
            self.generic(text) or self._about_kind(text) or self._values.named(text)
        )

    def strange(self, text: str) -> bool:
        """Whether a lone word is one that nobody knows, so that a title was misspelt: "like heet"."""
        word = plain(text)
        if " " in word or not _SHORT_WORD <= len(word) <= _LONGEST_STRANGE or not word.isascii():
            return False
        known = self._grounder.index.words
        stems = {word, word.removesuffix("s"), word.removesuffix("ed"), word.removesuffix("ing")}
        return not (stems & known or self.nearly_generic(word) or self._values.somebody(word))

    def telling(self, text: str) -> bool:
        """Whether at least two words are more than padding and general nouns: "mad max fury road"."""
        return self._n_telling(text) > 1

    def _n_telling(self, text: str) -> int:
        words = self._telling(plain(text).split())
        return len([w for w in words if w not in self._pronouns and not self._values.kind(w)])

    def everyday(self, text: str) -> bool:
        """Whether a lone word without a capital stands in many titles: "drive" of "drive my car"."""
        word = plain(text)
        common = " " not in word and self._grounder.lookup.inner.get(word, 0) > _RARE
        return common and not self.capitalised(text)

    def distinctive(self, text: str) -> bool:
        """Whether words are so seldom in titles that nothing else can be meant: "english patient"."""
        words = title_key(text).split()
        counts = self._grounder.lookup.counts
        rare = [
            w for w in self._telling(words) if len(w) > _SHORT_WORD and counts.get(w, 0) <= _RARE
        ]
        return len(words) > 1 and bool(rare)

    def rare(self, text: str) -> bool:
        """Whether several words are all seldom in titles: "ferris bueller", which nobody says otherwise."""
        words = title_key(text).split()
        counts = self._grounder.lookup.counts
        return len(words) > 1 and all(
            len(w) > _SHORT_WORD and counts.get(w, 0) <= _RARE for w in words
        )

    def literal(self, text: str, match: Match, *, listed: bool) -> bool:
        """Whether ordinary words that are exactly a famous title and fill a place are that title.

        "i saw pretty woman" is the film, "i like comedies" and "i loved the thing" are not; in a list of
        titles, or with capitals, "the thing" is.

        Args:
            text: The words, article included.
            match: What they were matched to.
            listed: Whether a title of the same list stands before them.
        """
        words = plain(text)
        whole = match.item_id is not None and words == plain(self._bare_title(match.title))
        capitals = self.capitalised(text)
        share = _NOT_RARE if listed and capitals else WELL_KNOWN
        if not whole or not self._grounder.famous(match, share=share):
            return False
        if capitals:
            return listed or " " in words
        if self._values.kind(words) or self._values.refused_kind(words):
            return listed and self._grounder.famous(match, share=_FAMOUS)
        return listed or (" " in title_key(text) and words.split()[0] not in self._pronouns)

    @staticmethod
    def _bare_title(title: str) -> str:
        return split_year(title)[0] if title.endswith(")") else title

    def seldom(self, text: str) -> bool:
        """Whether a lone long word is no word of the lists and hardly any other title has it."""
        word = title_key(text)
        listed = word in self._pronouns or word in self._padding or self._values.refused_kind(word)
        known = self._grounder.lookup.counts.get(word, 0) <= _RARE
        return " " not in word and len(word) >= _LONG_WORD - 1 and known and not listed

    def idiom(self, text: str) -> bool:
        """Whether words without a capital are a phrase as often as a title: "with a femme fatale"."""
        return title_key(text) in self._idioms and not self.capitalised(text)

    def long(self, text: str) -> bool:
        """Whether words are many enough that a slip in them is forgiven though they are ordinary."""
        return len(title_key(text)) >= _LONG_PHRASE and " " in title_key(text)

    def only_a_slip(self, match: Match) -> bool:
        """Whether a match with ordinary words is so near and so famous that it must be meant."""
        return match.confidence >= _ALMOST and self._grounder.famous(match)

    def stands_alone(self, text: str, match: Match, *, judged: bool) -> bool:
        """Whether words that are a title are meant as one without a cue before them.

        Args:
            text: The words.
            match: What they were matched to.
            judged: Whether an opinion stands right behind them.
        """
        words = plain(text).split()
        if judged and self.capitalised(text) and all(word in self._particles for word in words):
            return self._grounder.famous(match)
        if (
            not words
            or self.generic(text)
            or all(w in self._pronouns | self._padding for w in words)
        ):
            return False
        if match.confidence == SURE_OF_PART and self._values.person(text):
            # "Woody Allen comedies" are not about the film that bears his name.
            return False
        if " " not in title_key(text):
            return self._lone_stands(text, match, judged=judged)
        known = self.telling(text) and self._grounder.famous(match, share=_FAMOUS)
        whole = match.confidence == 1 and self._n_telling(text) >= _MANY_TELLING
        if known or whole or self.capitalised(text):
            return True
        apart = judged or self.distinctive(text)
        return apart and self._grounder.famous(match, share=_NOT_OBSCURE)

    def _lone_stands(self, text: str, match: Match, *, judged: bool) -> bool:
        words = plain(text).split()
        if self.capitalised(text):
            return judged or (self._grounder.famous(match) and len(words[-1]) > 3)
        if not judged or not (len(words[-1]) > 3 or len(words) > 1):
            return False
        share = _NOT_RARE if self.seldom(words[-1]) or len(words) > 1 else WELL_KNOWN
        return self._grounder.famous(match, share=share)

    def opens(self, text: str, match: Match) -> bool:
        """Whether a title that begins a sentence is meant though nothing is said of it.

        It is best known, and of several telling words or of one that is two written together.
        """
        known = self._grounder.famous(match, share=_FAMOUS)
        together = (
            " " not in plain(text) and len(text) > _LONG_WORD and " " in title_key(match.title)
        )
        if match.item_id is None or not known or self.generic(text):
            return False
        return self.telling(text) or (
            together and compact(title_key(text)) not in self._grounder.lookup.counts
        )

    def _about_kind(self, text: str) -> bool:
        last = plain(text).rpartition(" ")[2]
        return self._noun(last) or bool(self._values.refused_kind(last))

    def accepts(self, text: str, match: Match, *, weak: bool) -> bool:
        """Whether words that are a title, or part of one, are meant as one after a cue.

        Args:
            text: The whole stretch of words after the cue.
            match: What it was matched to.
            weak: Whether ordinary words follow the cue as often as titles do.
        """
        words = plain(text).split()
        capitalised = self.capitalised(text)
        if not words or (len(words) == 1 and words[0] in self._pronouns and not capitalised):
            return False
        if all(word in self._pronouns | self._padding for word in words) and not capitalised:
            return len(words) == 1 and not weak and words[0] not in self._pronouns
        if self.generic(text):
            return False
        if capitalised:
            return True
        lone = " " not in title_key(text)
        # "like father like son" is not about an obscure film of that name.
        share = WELL_KNOWN if weak else _NOT_OBSCURE
        if (lone and not weak and self.seldom(text)) or not (weak or lone):
            return True
        return self._grounder.famous(match, share=share)

    def accepts_nearly(self, text: str, match: Match, *, weak: bool) -> bool:
        """The same for words with typing errors, or from the middle of a title."""
        capitalised = self.capitalised(text)
        if weak and not capitalised:
            # "I like horor" is no title; a long one that is spelled nearly right is.
            nearly = match.confidence > SURE_OF_PART or self.telling(text)
            unlike = len(text) > _LONG_WORD + 2 and match.confidence >= _NEARLY and nearly
            return unlike and self._grounder.famous(match)
        whole = match.confidence != SURE_OF_PART
        return capitalised or whole or self._grounder.famous(match)

    def bare(self, text: str, match: Match) -> bool:
        """Whether a text that is nothing but these words asks for things like that title."""
        words = plain(text).split()
        if self.generic(text) or all(word in self._pronouns for word in words):
            return False
        if self.capitalised(text) or len(words) > 1:
            return self.capitalised(text) or self._grounder.famous(match)
        return len(words[0]) >= _LONG_WORD and self._grounder.famous(match)
