"""A picture of a run's loss, where matplotlib is installed (extra ``eval``)."""

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from m6rec.atomic import replaced_file
from m6rec.making.journal import Entry

PLOT = "loss.png"
PACKAGE = "matplotlib"
_SMOOTHED = 25
"""The thick line is the mean over one part in so many of the run to either side."""


def draw_loss(entries: Sequence[Entry], path: Path) -> bool:
    """Draw the losses of tuning and of validation over the steps.

    Args:
        entries: A journal.
        path: The PNG file to write.

    Returns:
        Whether it was drawn: not without matplotlib, nor without a step.
    """
    steps = [entry for entry in entries if entry["kind"] == "step"]
    judged = [entry for entry in entries if entry["kind"] == "validation"]
    if find_spec(PACKAGE) is None or not steps:
        return False
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    # Not pyplot: it keeps every figure, and looks for a screen.
    figure = Figure(figsize=(6.4, 4.4))
    FigureCanvasAgg(figure)
    axes: Any = figure.add_subplot()
    at, losses = [e["step"] for e in steps], [e["loss"] for e in steps]
    axes.plot(at, losses, linewidth=0.6, color="tab:blue", alpha=0.4)
    axes.plot(at, smoothed(losses, len(losses) // _SMOOTHED), color="tab:blue", label="tuning")
    if judged:
        found = ([e["step"] for e in judged], [e["loss"] for e in judged])
        axes.plot(*found, color="tab:orange", marker="o", markersize=4, label="validation")
    axes.set_xlabel("step")
    axes.set_ylabel("loss (nats per choice)")
    axes.grid(visible=True, linewidth=0.3)
    axes.legend(fontsize=8)
    with replaced_file(path) as part:
        # Without this every run would write other bytes.
        figure.savefig(
            part, format="png", bbox_inches="tight", dpi=110, metadata={"Software": None}
        )
    return True


def smoothed(values: Sequence[float], width: int) -> list[float]:
    """Each value as the mean of itself and `width` neighbours on either side, fewer at the ends."""
    means = []
    for place in range(len(values)):
        near = values[max(0, place - width) : place + width + 1]
        means.append(sum(near) / len(near))
    return means
