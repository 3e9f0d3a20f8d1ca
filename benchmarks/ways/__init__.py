"""The ways to compare, each a program: `python -m benchmarks.ways.<way>`."""
