"""How long and how fast to tune."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LoopSettings:
    """The settings of a `m6rec.tuning.loop.Loop`.

    Attributes:
        steps: Optimizer steps in all.
        batch_size: Examples per step, over all processes.
        learning_rate: Peak of the schedule.
        warm_up: Share of the steps over which the rate rises; then it falls as a cosine.
        validate_every: Steps between validations, each of which writes a checkpoint.
        patience: Validations without improvement before stopping early.
        pool: Batches sorted by length together, so that little is padded.
        seed: Of everything drawn.
        accumulate: Pieces in which a process reads its examples of a step, one after the other: less
            memory for the same gradient.
        most_tokens: Tokens of a piece at most, padding included; larger ones are divided. 1.2 MB a token
            is kept for the way back through 18 layers of width 576, and a step of long histories has
            three times the tokens of a middling one.
        gradient_checkpointing: Compute each layer again on the way back instead of keeping it.
    """

    steps: int
    batch_size: int = 48
    learning_rate: float = 5e-4
    warm_up: float = 0.05
    validate_every: int = 50
    patience: int = 6
    pool: int = 16
    seed: int = 0
    accumulate: int = 1
    most_tokens: int = 2048
    gradient_checkpointing: bool = False
