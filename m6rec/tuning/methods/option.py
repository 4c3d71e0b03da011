"""Option tuning (M6-Rec, arXiv 2205.08084): soft prompts whose last two also stand for no and yes.

The model reads its options before the question, and answers with the one its last state is nearest to:

    P(yes | question) = softmax over the two options of <hidden state, option>

They begin as the words "no" and "yes", so that where embeddings and head are one matrix the first answers
are the model's own. A saved adapter is one of PEFT's prompt tuning, with a mark in its config.
"""

from typing import Any

import torch

from m6rec.tuning.adapters import AdapterSettings
from m6rec.tuning.methods.prompt import soft_prompt
from m6rec.tuning.virtual import OPTIONS, initial_ids, random_ids

LEARNING_RATE = 5e-3


def attach(model: Any, settings: AdapterSettings) -> Any:
    """The model behind virtual tokens that begin as a text, "no" and "yes"."""
    answers = torch.tensor(settings.answers, dtype=torch.long, device=model.device)
    options = answers if len(answers) else random_ids(model, 2)
    tuned = soft_prompt(model, torch.cat([initial_ids(model, settings), options]))
    tuned.active_peft_config.prompt_tuning_init_text = OPTIONS
    return tuned
