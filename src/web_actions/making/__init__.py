"""From sessions to the rows of a dataset: filtered, made, divided, written."""
