"""`python -m tap_younium`."""

from tap_younium.tap import TapYounium

TapYounium.cli()
