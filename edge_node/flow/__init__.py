"""The line a message walks: receive, deliver, relay."""
