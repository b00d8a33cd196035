"""What gateways can do, tried on routes of our own."""
