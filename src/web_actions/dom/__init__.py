"""A recorded page made small: cleaned, cut to a budget around the acted-on element, its secrets masked."""
