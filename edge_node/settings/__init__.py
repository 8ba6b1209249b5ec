"""What an operator may choose."""
