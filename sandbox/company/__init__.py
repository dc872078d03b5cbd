"""The simulated subscription company: what it sells, who buys it, and what happens to them."""
