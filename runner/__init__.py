"""The machinery: read, start, connect, grade, record, tell."""
