"""Tools for maintainers: they compare the tap with Younium's API and write the generated files."""
