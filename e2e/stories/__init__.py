"""Stories: what users see of Knowngood, on a real cluster and under a real load."""
