"""The catalog distribution: a language model and a prefix tree make a probability over items."""
