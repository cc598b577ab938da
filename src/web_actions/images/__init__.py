"""Screenshots: found, checked, made small, cropped, varied and kept by their content."""
