"""`./run tls`: what scanners of others find at the listener of a real node."""
