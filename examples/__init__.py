"""Worked examples: none of it is in the package."""
