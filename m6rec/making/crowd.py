"""The trained sources of the crowd in a run: shown while they learn, kept for a resumed run."""

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from m6rec.atomic import replaced_folder
from m6rec.candidates.crowd import Massive, Training, learn
from m6rec.candidates.crowd import save as save_crowd
from m6rec.interactions import Interactions
from m6rec.making.order import Order
from m6rec.progress import shown_share

CROWD = "crowd"


def learned_crowd(choices: Interactions, n_items: int, seed: int) -> dict[str, Massive]:
    """Train what the crowd keeps, and show how it goes.

    Raises:
        ModelError: A source cannot be trained on this.
    """
    with ExitStack() as shown:
        bars: dict[str, Callable[[int, str], None]] = {}

        def progress(name: str, done: int, total: int) -> None:
            if name not in bars:
                bars[name] = shown.enter_context(shown_share(f"training {name}", total))
            bars[name](done, "passes over the choices")

        return learn(choices, n_items, Training(seed=seed, progress=progress))


def keep_crowd(order: Order, work: Path) -> Path | None:
    """Train the crowd of an order into the state of its run, unless it is there already.

    Returns:
        The folder; None for a catalog without choices.
    """
    if order.choices is None:
        return None
    folder = work / CROWD
    if not folder.is_dir():
        learned = learned_crowd(order.choices, len(order.catalog), order.seed)
        with replaced_folder(folder, {"choices": len(order.choices)}) as part:
            save_crowd(learned, part, [item.item_id for item in order.catalog])
    return folder
