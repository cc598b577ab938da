"""Find keys and passwords of programs: by their vendor's shape, in connection strings, after words for them."""
