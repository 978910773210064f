"""Who is told of a study's progress; all of it can be lost and rebuilt from the store."""
