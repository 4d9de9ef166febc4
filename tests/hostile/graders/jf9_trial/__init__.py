"""Graders of the hostile house."""
