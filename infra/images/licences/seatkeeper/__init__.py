"""Seatkeeper: a server of floating licences, its clients and its administrators' tool.

docs/licence-protocol.md says what it speaks. It runs on Debian's python3-minimal alone.
"""
