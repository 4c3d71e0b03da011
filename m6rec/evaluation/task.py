"""What a task is: its cases, how a method answers them, and how the rows become tables.

A new task is one file that builds a `Task` and one line in `m6rec.evaluation.tasks`.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from m6rec.catalog import Catalog
from m6rec.errors import ConfigError
from m6rec.evaluation.plan import Plan

Row = Mapping[str, Any]
"""What one method answered to one case, as JSON values. Of these keys the report knows the meaning, and
each may be absent: ``shown`` (item ids, best first), ``elapsed_ms``, ``lm_tokens``, ``error`` (None when
there is an answer), ``log_probs`` and ``hits`` (one per place of ``shown``)."""

NEEDED, USED, UNUSED = "needed", "used", "unused"


@dataclass(frozen=True, slots=True)
class Scope:
    """What a measure may look at beside the rows.

    Attributes:
        catalog: The items that were judged.
        k: List length.
        seed: Of the bootstrap.
    """

    catalog: Catalog
    k: int = 10
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure of a group of rows; the constructors are in `m6rec.evaluation.measures`.

    Attributes:
        name: Key in results.json.
        header: Column of the table; None keeps the figure out of it.
        of: Makes the figure: a number, NaN when it is undefined, or a mapping of mean, low, high.
        digits: Decimals in the table.
    """

    name: str
    header: str | None
    of: Callable[[Sequence[Row], Scope], Any]
    digits: int = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Prepared:
    """The cases of a task, ready to be judged.

    Attributes:
        rows: Called with a method's name; yields one row per case, in an order that does not
            depend on the method. Fitting belongs in it, so that a finished part costs nothing.
        n_cases: How many rows a method has; for the progress line only.
        settings: What decides the rows beside the settings every task has, as JSON values.
        own_settings: The same for the project's own methods only.
        notes: What a reader of the report has to know.
    """

    rows: Callable[[str], Iterator[Row]]
    n_cases: int
    settings: Mapping[str, Any] = field(default_factory=dict)
    own_settings: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Task:
    """One protocol.

    Attributes:
        name: What ``--tasks`` calls it: letters, digits and dashes.
        heading: Headline in the report.
        about: Lines below it.
        peers: Names of the peers that can answer its cases.
        prepare: Called with the names of the methods to be judged and the plan.
        key: What a row is about: rows of two methods, or of two runs, with the same key are pairs.
        groups: Groups a row belongs to; each has a table of its own. The first row's first group is
            the one that plots and comparisons show.
        measures: Columns of the tables, in their order.
        compared: Names of row values that methods are compared by, the headline first.
        slices: A finer grouping, shown as one small table of the headline; None leaves it out.
        slice_title: What the slices are, for the head of that table.
        plain: Many small groups: one table for all of them, no comparison with the best peer, no plots.
        interactions: ``needed``, ``used`` when there are some, or ``unused``.
        own: Whether the project's own recommenders answer its cases; a task that judges a part of them
            needs no model.

    Raises:
        ConfigError: The name could not be part of a file name.
    """

    name: str
    heading: str
    peers: tuple[str, ...]
    prepare: Callable[[Sequence[str], Plan], Prepared]
    key: Callable[[Row], str]
    measures: tuple[Measure, ...]
    compared: tuple[str, ...]
    about: tuple[str, ...] = ()
    groups: Callable[[Row], tuple[str, ...]] = lambda _: ("all",)
    slices: Callable[[Row], str] | None = None
    slice_title: str = ""
    plain: bool = False
    interactions: str = UNUSED
    own: bool = True

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[\w-]+", self.name) or not self.compared:
            raise ConfigError(
                f"a task cannot be called {self.name!r}, or is compared by nothing: use letters, "
                "digits and dashes, and name at least one row value"
            )
