"""Sources of candidates beside the language model; each has `fit` and `scores`."""
