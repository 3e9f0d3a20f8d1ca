"""One request to Younium: how it is sent, retried and read."""
