"""What may do harm in a text: abuse, signs of a crisis, and instructions to a language model."""
