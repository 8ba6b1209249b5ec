"""What a network provider steers."""
