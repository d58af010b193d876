"""Release: the gate, the package with all that describes it, its signature, and its verification."""
