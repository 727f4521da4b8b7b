"""What can happen in trainings: one function each, safe to do twice; a file a subject."""
