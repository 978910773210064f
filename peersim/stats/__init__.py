"""Pure statistics on counts and arrays, on scipy and statsmodels; no rows, no arms, no files."""
