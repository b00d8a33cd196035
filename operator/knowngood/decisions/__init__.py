"""What is done: phases and their edges, steps, traffic, incidents. Pure: every function takes the time as a value."""
