"""Graders of the trial house."""
