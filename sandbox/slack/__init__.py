"""A Slack stand-in: the Web API methods and the incoming webhook that a notifier uses."""
