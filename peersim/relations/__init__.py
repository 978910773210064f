"""The graph of relationships: folds over acts, kept nowhere and made whenever asked for."""
