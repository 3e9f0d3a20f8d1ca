"""Keeps the tap level with Younium."""
