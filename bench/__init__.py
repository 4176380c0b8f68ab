"""
How fast the server is, each line as a ratio to what a user would take instead.

`make bench` runs every line of `lines/`, five times in turn with its opponent, and writes RESULTS.md.
The servers run on one core (`machine.SERVER_CORE`), this process and the scripted provider on the
other, so that nothing but a server's own work is counted as its own.

A new line is a row in `lines/__init__.py`: its title, unit and goal, whom it is measured against, and
a function from a running server to a figure.
"""
