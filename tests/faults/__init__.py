"""Faults between Younium and the tap, at every point of a run."""
