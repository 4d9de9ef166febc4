"""Job function 4: networks."""
