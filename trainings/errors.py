class Refused(ValueError):
    """Something that is not allowed; str() is a sentence for the person who tried it."""
