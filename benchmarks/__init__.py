"""Measurements of the node beside other programs, in one run, on the machine at hand. No test is among them."""
