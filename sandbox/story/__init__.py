"""What happens between the company and the world: leads, deals, campaigns, tickets and conversations.

The story is told once, as events in time order (`events`) about people and organizations (`people`); every vendor's
sandbox listens and keeps its own records of it, with the imperfections that real systems have.
"""
