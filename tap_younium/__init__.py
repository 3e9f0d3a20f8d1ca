"""A Singer tap for Younium."""
