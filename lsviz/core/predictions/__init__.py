"""What a file of predictions holds, what is odd about it, and what it comes to."""
