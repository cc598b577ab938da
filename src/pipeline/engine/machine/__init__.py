"""What this machine has to give, what a run takes of it, and what runs that died left behind."""
