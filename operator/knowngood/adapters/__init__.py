"""The outside world: the only modules that hold clients. They implement the ports of `control`."""
