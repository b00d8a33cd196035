"""The loan model of the demo: real rows, real training, and a server for the pods."""
