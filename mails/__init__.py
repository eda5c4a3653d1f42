"""What the portal sends by mail."""
