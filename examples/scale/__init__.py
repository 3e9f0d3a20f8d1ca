"""One run per legal entity and group of streams: see docs/scale.md."""
