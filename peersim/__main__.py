"""Lets ``python -m peersim`` do what the console script does."""

from peersim.cli import main

main()
