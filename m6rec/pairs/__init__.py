"""Catalog and histories to training pairs: what people say, and the paths it should lead to."""
