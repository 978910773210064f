"""The parts that scenario worlds are made of: tools over real, inspectable state."""
