"""How well conversations are found: labelled files in many formats, text without any, figures beside their bars."""
