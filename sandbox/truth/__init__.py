"""Ground truth: what really happened to the simulated company, computed from facts alone."""
