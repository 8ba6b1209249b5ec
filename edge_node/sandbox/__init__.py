"""A development PKI, a simulated switchboard, simulated local systems, and the demo."""
