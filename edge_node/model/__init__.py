"""Nouns: values that check themselves when made."""
