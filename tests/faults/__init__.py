"""Whatever goes wrong between Younium and the tap, at every place of a run."""
