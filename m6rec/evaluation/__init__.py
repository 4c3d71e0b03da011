"""Evaluation: protocols, peers and reports. `run` is the one door; `eval/README.md` the description."""

from m6rec.evaluation.methods import METHODS
from m6rec.evaluation.plan import Options
from m6rec.evaluation.runner import run

__all__ = ["METHODS", "Options", "run"]
