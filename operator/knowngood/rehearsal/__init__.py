"""The operator on recorded evidence: the same core decides, and everything that it would move is in memory."""
