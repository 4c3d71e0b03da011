"""How likely a question of yes or no is answered with yes: option tuning's ranking (M6-Rec).

The state after the question is compared with two class weights: the model's own options where it was tuned
with them (arXiv 2205.08084), else the head's rows of the words "no" and "yes".
"""

import torch

from m6rec.codec import Codec
from m6rec.decoding.language_model import LanguageModel, PromptState

WORDS = ("no", "yes")


def answer_ids(codec: Codec) -> tuple[int, int]:
    """Token ids that stand for no and yes after a prompt.

    With a leading blank where that is one token with the word's beginning, as after a colon.
    """
    for blank in (" ", ""):
        no, yes = (codec.prompt(blank + word)[0] for word in WORDS)
        if no != yes:
            break
    return no, yes


def likelihood(model: LanguageModel, codec: Codec, question: PromptState) -> float:
    """P(yes | question) among yes and no.

    Args:
        model: The language model.
        codec: Its tokenizer.
        question: The whole prompt, as `model` read it.
    """
    if model.options is None:
        logits = model.logits(question.hidden, torch.tensor(answer_ids(codec), device=model.device))
    else:
        logits = model.options.to(model.device) @ question.hidden.float()
    return float(torch.softmax(logits, 0)[1])
