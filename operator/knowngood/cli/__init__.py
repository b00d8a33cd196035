"""The command line `knowngood`: what people ask a cluster, and tell the operator, from a terminal or a pipeline.

It only talks to the API server, with the rights of whoever runs it; the operator answers in statuses.
"""
