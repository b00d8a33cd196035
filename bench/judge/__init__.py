"""The judge against what others do, on the same random traffic."""
