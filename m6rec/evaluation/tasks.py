"""The tasks an evaluation can name. A new one is one file and one line here."""

from collections.abc import Mapping
from types import MappingProxyType

from m6rec.evaluation import (
    conversation_task,
    dialogue_task,
    next_item_new,
    next_item_task,
    request_task,
    robustness,
    understanding,
)
from m6rec.evaluation.task import Task

TASKS: Mapping[str, Task] = MappingProxyType(
    {
        task.name: task
        for task in (
            request_task.TASK,
            next_item_task.TASK,
            next_item_task.GLOBAL,
            next_item_new.TASK,
            robustness.TASK,
            understanding.TASK,
            conversation_task.TASK,
            dialogue_task.TASK,
        )
    }
)
"""Tasks by name, in the order of the report."""

METHODS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {name: task.peers for name, task in TASKS.items()}
)
"""Which peers each task can judge."""
