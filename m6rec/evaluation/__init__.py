"""Evaluation: protocols, peers and reports. `run` is the one door; `eval/README.md` the description."""

from m6rec.evaluation.plan import Options
from m6rec.evaluation.runner import run
from m6rec.evaluation.task import Task
from m6rec.evaluation.tasks import METHODS, TASKS

__all__ = ["METHODS", "TASKS", "Options", "Task", "run"]
