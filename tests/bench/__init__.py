"""Every claim of speed in this project, measured again by one command: `make bench`, or `python -m tests.bench --help`."""
