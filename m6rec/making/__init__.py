"""How a model folder is made: what a tuning run is, what it may cost, and what it writes."""
