class Refused(ValueError):
    """A change that cannot be; str() is a sentence for the person who asked for it."""
