"""The report page: what a run did and what its sources come to, as one file that needs nothing else."""
