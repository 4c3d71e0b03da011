"""Ranking: named terms, weights, one total order, and a reason for each item."""
