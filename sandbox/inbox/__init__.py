"""A web page that shows every mail and Slack message the sandbox received."""
