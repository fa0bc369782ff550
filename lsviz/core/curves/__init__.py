"""Training curves of somebody's own runs: what they hold, and what their losses say in closed form."""
