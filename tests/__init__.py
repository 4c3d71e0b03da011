"""One file per module; fakes.py has the small worlds they share."""
