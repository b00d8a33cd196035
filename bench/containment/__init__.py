"""How long a bad version answers users, and what watching costs: see bench/README.md."""
