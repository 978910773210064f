"""What happened: typed events, the log that holds them, and the tally of acts."""
