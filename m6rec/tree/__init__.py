"""The prefix tree of a catalog's paths: flat arrays, built once, grown and shrunk in place."""

from m6rec.tree.building import build, build_from
from m6rec.tree.changing import with_paths, without_rows
from m6rec.tree.prefix_tree import LEAF, PrefixTree

__all__ = ["LEAF", "PrefixTree", "build", "build_from", "with_paths", "without_rows"]
