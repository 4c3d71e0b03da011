"""Tuning: adapters, examples over the tree, the catalog loss, and the loop."""
