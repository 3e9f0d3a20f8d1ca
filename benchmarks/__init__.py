"""Compares the speed of the tap with other ways to read the same pages: see README.md."""
