"""The documentation: pages, and what makes those that follow from the tap's tables and settings."""
