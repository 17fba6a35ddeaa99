"""The one kind of failure that a user is meant to read."""


class ModelsError(Exception):
    """Something failed in a way that has a cause to name and a thing to do; printed as one line,
    without a trace.
    """


class UsageError(ModelsError):
    """The command line asks for what is not there, such as an unknown bundle."""
