"""Find telephone numbers: by shape alone, by a word nearby, and by numbering plan where phonenumbers is installed."""
