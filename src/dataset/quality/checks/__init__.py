"""What is looked at in one sample after the other."""
