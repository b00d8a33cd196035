"""What runs Knowngood for real: the local cluster, its node, the demo and the stories."""
