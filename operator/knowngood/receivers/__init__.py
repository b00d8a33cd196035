"""Who can be told of incidents: the operator's own configuration of receivers, and the files that hold its credentials.

Policies name receivers and can name no address: where something is sent, only the operator's owner says.
"""
