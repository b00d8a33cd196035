"""What is looked at by itself when what serves is found to be bad: what each step says, from values alone."""
