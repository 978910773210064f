"""Readings of finished trials: functions of a record, each of which can be made again."""
