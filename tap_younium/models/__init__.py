"""Younium's objects, one module for each business area, one line for each field."""
