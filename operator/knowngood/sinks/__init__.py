"""Where records of incidents go: the operator's own configuration of SIEMs, and the files that hold its credentials.

Custom resources can name none: where evidence is sent, only the operator's owner says.
"""
