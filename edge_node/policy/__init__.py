"""Nouns to a verdict: one topic a file, one function a rule."""
