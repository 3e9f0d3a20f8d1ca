"""Many pages of one query: fetched in parallel, yielded in order, checked for changes."""
