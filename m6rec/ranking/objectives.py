"""The objectives of a list, by name: the name is a setting of ``[ranking]`` and a term of every score.

One more is a file with a `gain` of its own, a line here, and a setting whose 0 turns it off.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from m6rec.ranking import diversity, freshness, lesser_known, novelty
from m6rec.ranking.pool import Gain, Pool

OBJECTIVES: Mapping[str, Callable[[Pool, float], Gain]] = MappingProxyType(
    {
        "novelty": novelty.gain,
        "freshness": freshness.gain,
        "lesser_known": lesser_known.gain,
        "diversity": diversity.gain,
    }
)


def gains(weights: Mapping[str, float], pool: Pool) -> dict[str, Gain]:
    """What each objective that has a weight other than 0 adds to the candidates, by name.

    Raises:
        ConfigError: An objective needs what the catalog does not have.
    """
    return {name: OBJECTIVES[name](pool, weight) for name, weight in weights.items() if weight != 0}
