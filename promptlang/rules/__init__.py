"""The rule table."""
