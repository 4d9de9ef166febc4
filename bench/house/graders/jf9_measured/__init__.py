"""Graders of what is only measured."""
