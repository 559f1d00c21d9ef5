"""What staff do, from an alert to the removal."""
