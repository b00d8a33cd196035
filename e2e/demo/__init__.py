"""The demo: a bad version of the loan model is found out and taken back, while you watch."""
