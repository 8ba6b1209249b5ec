"""Bytes to nouns, nouns to bytes."""
