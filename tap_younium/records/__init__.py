"""From the records of a page to the RECORD messages of a stream."""
