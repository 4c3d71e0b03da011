"""The tasks that need more than one description: a line each in `TASKS`, with its weight."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

from m6rec.errors import ConfigError, MissingExtraError
from m6rec.facets import Description
from m6rec.index import CatalogIndex
from m6rec.interactions import Interactions
from m6rec.pairs.alike import AlikePairs
from m6rec.pairs.fitting import Fitting
from m6rec.pairs.histories import HistoryPairs
from m6rec.pairs.keywords import KeywordPairs, keywords
from m6rec.pairs.mixture import Draw, Mixture
from m6rec.pairs.model_written import Written, WrittenPairs
from m6rec.pairs.questions import DescribePairs, LikePairs
from m6rec.pairs.requests import OTHER, WEIGHTS, RequestPairs
from m6rec.pairs.several import SeveralPairs
from m6rec.pairs.wished import WishedHistoryPairs

log = logging.getLogger(__name__)

HISTORY_SHARES = {"history": 0.1, "wish+history": 0.03}
"""Shares of the pairs that tell a history: each costs three times the tokens of a request, and the crowd
knows more of histories than a small model learns in minutes."""


@dataclass(frozen=True)
class Material:
    """What tasks are made of.

    Attributes:
        index: The catalog.
        told: All that is said of its items.
        requests: Requests for one description, and how things are said.
        choices: Training interactions only; None for a catalog without, or without any order.
        written: Requests a model wrote.
    """

    index: CatalogIndex
    told: list[Description]
    requests: RequestPairs
    choices: Interactions | None = None
    written: tuple[Written, ...] = ()

    def worded(self, requests: RequestPairs) -> "Material":
        """The same catalog asked in other words, without histories."""
        other = Material(self.index, self.told, requests)
        # Both are costly, and the words change neither.
        other.__dict__.update(fitting=self.fitting, keywords=self.keywords)
        return other

    @cached_property
    def fitting(self) -> Fitting:
        """What fits each facet."""
        return Fitting(self.told, self.index.describer.plan, len(self.index.catalog))

    @cached_property
    def keywords(self) -> dict[str, list[int]]:
        """What the catalog's texts speak of; empty without texts, or without the packages."""
        try:
            return keywords(self.index.catalog)
        except MissingExtraError as error:
            log.warning("texts are not learned from: %s", error)
            return {}

    @cached_property
    def histories(self) -> HistoryPairs | None:
        """Where choices follow one another; None where they never do."""
        if self.choices is None:
            return None
        neutral = self.requests.wording.book.neutral
        histories = HistoryPairs(self.index.catalog, self.choices, neutral)
        return histories if len(histories) else None


@dataclass(frozen=True, slots=True)
class Task:
    """One kind of pairs.

    Attributes:
        name: What the pairs are called.
        weight: How often it is drawn beside the weights of `m6rec.pairs.requests`; 0 only if asked for.
        make: How its pairs are drawn; None where the material allows none.
    """

    name: str
    weight: float
    make: Callable[[Material], Draw | None]


def _several(material: Material) -> Draw | None:
    say = material.index.describer.say
    pairs = SeveralPairs(material.index.catalog, material.fitting, material.requests.wording, say)
    return pairs.draw if len(pairs) else None


def _alike(material: Material) -> Draw | None:
    pairs = AlikePairs(
        material.index.catalog, material.fitting, material.requests.wording, material.choices
    )
    return pairs.draw if len(pairs) else None


def _history(material: Material) -> Draw | None:
    return material.histories.draw if material.histories else None


def _wished(material: Material) -> Draw | None:
    histories, choices, requests = material.histories, material.choices, material.requests
    if histories is None or choices is None or not any(material.fitting.leads):
        return None
    return WishedHistoryPairs(
        material.index.catalog, histories, choices, material.fitting, requests.wishes,
        requests.wording,
    ).draw  # fmt: skip


def _describe(material: Material) -> Draw | None:
    return DescribePairs(material.index.catalog, material.requests.wording).draw


def _like(material: Material) -> Draw | None:
    histories, choices = material.histories, material.choices
    if histories is None or choices is None:
        return None
    return LikePairs(material.index.catalog, histories, choices, material.requests.wording).draw


def _keyword(material: Material) -> Draw | None:
    pairs = KeywordPairs(material.index.catalog, material.keywords, material.requests.wording)
    return pairs.draw if len(pairs) else None


def _written(material: Material) -> Draw | None:
    pairs = WrittenPairs(
        material.index.catalog,
        material.written,
        material.fitting.of_row,
        material.requests.wording,
    )
    return pairs.draw if len(pairs) else None


TASKS = (
    Task("several", 2.0, _several),
    Task("alike", 0.8, _alike),
    Task("keyword", 3.0, _keyword),
    Task("written", 0.0, _written),
    Task("history", 0.0, _history),
    Task("wish+history", 0.0, _wished),
    Task("describe", 0.0, _describe),
    Task("like", 0.0, _like),
)
"""Weights of histories are shares, see `HISTORY_SHARES`; that of ``written`` is a share of the wishes, see
`m6rec.pairs.augmentation.Augmentation`."""


def mixture(material: Material, asked: Mapping[str, float]) -> Mixture:
    """All tasks a catalog allows, drawn by their weights.

    Args:
        material: What they are made of.
        asked: Weights that replace the usual ones, by task; 0 leaves a task out.

    Raises:
        ConfigError: There is no task of that name, or no weight is above 0.
    """
    draws: dict[str, Draw] = dict(material.requests.draws())
    weights = {name: WEIGHTS.get(name, OTHER) for name in draws}
    known = {*WEIGHTS, *weights, *(task.name for task in TASKS)}
    unknown = sorted(set(asked) - known)
    if unknown:
        raise ConfigError(f"no task {unknown[0]!r}; choose among {', '.join(sorted(known))}")
    for task in TASKS:
        weight = asked.get(task.name, task.weight or HISTORY_SHARES.get(task.name, 0.0))
        draw = task.make(material) if weight else None
        if draw is not None:
            draws[task.name], weights[task.name] = draw, weight
    told = {n for n in HISTORY_SHARES if n in weights and n not in asked}
    rest = sum(weight for name, weight in weights.items() if name not in told)
    share = sum(HISTORY_SHARES[name] for name in told)
    weights |= {name: HISTORY_SHARES[name] * rest / (1 - share) for name in told}
    return Mixture(draws, {**weights, **{n: w for n, w in asked.items() if n in draws}})
