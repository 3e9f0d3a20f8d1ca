"""One run for each legal entity and group of tables: see docs/scale.md."""
