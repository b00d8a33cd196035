"""A day of many models under A/A through the whole operator, on a clock that runs faster."""
