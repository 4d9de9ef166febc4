"""Questions one can ask a host, one subject a module."""
