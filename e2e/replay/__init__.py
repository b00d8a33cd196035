"""A pod that has decided already: it counts the car-loan rows and what a model said of them, as fast as it is told."""
