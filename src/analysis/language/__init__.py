"""What a text is written in and how it reads: language, readability, broken encoding, refusals, cut ends, echoes."""
