"""Every port in memory: what a cluster, its gateway and its Prometheus do, as far as the loop can see it."""
