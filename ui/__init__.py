"""How people see the desk and touch it. Qt lives here and nowhere else."""
