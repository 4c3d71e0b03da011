"""What the request names: items that have the named values, however the model reads the sentence.

"French comedies with Gérard Depardieu" names a language or country, a genre and a person. A small
model can miss a name it has seldom read; the catalog's own words cannot be missed.
"""

import re

import numpy as np
from numpy.typing import NDArray

from m6rec.catalog import Catalog
from m6rec.vocabulary import LONGEST_FORM, Said, SaidValues

FACTOR = 20.0
"""How many times likelier each named value makes an item that has it. Soft on purpose: "war" may be
in a sentence that does not ask for a war film."""
_WORD = re.compile(r"[^\W_\u4e00-\u9fff]+(?:['’.-][^\W_\u4e00-\u9fff]+)*")


def mentions(text: str, said: SaidValues) -> tuple[tuple[Said, ...], ...]:
    """The values each mention may mean, in the order of the text; longer phrases win.

    Args:
        text: The request.
        said: The values of the catalog, by the words that name them.
    """
    found: list[tuple[Said, ...]] = []
    rest = text.casefold()
    # Only beside other words: the first word of a sentence has a capital whatever it is.
    names = {word.casefold(): word for word in _WORD.findall(text)[1:] if word[0].isupper()}
    for form in said.cjk_forms:
        # Words such as "吓人" only name a kind when they refuse it. But they suggest it, and the model
        # reads Chinese poorly: the probe is right on 0.45 of unheard Chinese wishes, on 0.66 of English.
        if form in rest and (values := said.named(form) or said.refused_kind(form)):
            found.append(values)
            rest = rest.replace(form, " ")
    suggested: list[tuple[Said, ...]] = []
    words = _WORD.findall(rest)
    at = 0
    while at < len(words):
        for length in range(min(LONGEST_FORM, len(words) - at), 0, -1):
            phrase = " ".join(words[at : at + length])
            values = said.named(phrase) or _surname(names.get(phrase, ""), said)
            if values:
                found.append(values)
            elif values := said.refused_kind(phrase):
                suggested.append(values)
            if values:
                at += length
                break
        else:
            at += 1
    # "Something scary" is for the model to read; a "scary western" is to be a western and a horror film.
    return tuple(dict.fromkeys([*found, *suggested] if found else found))


def _surname(word: str, said: SaidValues) -> tuple[Said, ...]:
    """Whom "some Hitchcock" means."""
    name = None if not word or said.refused_kind(word) else said.people.surname(word)
    return said.person(name) if name else ()


def weights(
    named: tuple[tuple[Said, ...], ...], catalog: Catalog, factor: float = FACTOR
) -> NDArray[np.float64]:
    """How much likelier the mentions make each item: `factor` to the power of those it satisfies.

    Satisfying all of several counts as one more. Without that "war documentaries" were half war films.

    Args:
        named: What `mentions` found; an item satisfies one by having any of its values.
        catalog: The items.
        factor: Above 1.

    Returns:
        Positive, shape (n_items,).
    """
    satisfied = np.zeros(len(catalog))
    for values in named:
        rows = [catalog.rows_with(said.field, said.value) for said in values]
        satisfied[np.unique(np.concatenate(rows))] += 1
    if len(named) > 1:
        satisfied += satisfied == len(named)
    likelier: NDArray[np.float64] = factor**satisfied
    return likelier
