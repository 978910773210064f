"""Shared tasks: rules and payoffs as generators without IO, and the loop that drives one."""
