"""Graders of job function 1: networks, workstations and the accounts of those who use them."""
