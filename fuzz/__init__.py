"""Machines that make up bad input, and what they hold the node's readers against."""
