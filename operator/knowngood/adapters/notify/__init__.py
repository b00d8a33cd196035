"""Whoever is told of incidents: Alertmanager, PagerDuty, Slack, and servers of people's own."""
