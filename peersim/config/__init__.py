"""From Hydra's configuration to a study, and the launch of one."""
