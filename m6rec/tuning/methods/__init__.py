"""Tuning methods, one a file: `attach` puts it on a model, `LEARNING_RATE` is a peak it learns at."""
