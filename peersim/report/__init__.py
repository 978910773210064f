"""What people look at: the report, its figures, and transcripts."""
