"""The ways that are compared, each a program of its own: `python -m benchmarks.ways.<way>`."""
