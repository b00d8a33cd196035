"""What Knowngood says of itself: metrics and logs."""
