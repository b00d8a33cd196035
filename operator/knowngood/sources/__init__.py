"""Where readings come from: the operator's own configuration of endpoints, and the files that hold its credentials.

Custom resources name a source; where it is, and by what right it is read, only the operator's owner says.
"""
