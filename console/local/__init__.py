"""What runs on this machine when nothing else is configured, and the process that runs it."""
