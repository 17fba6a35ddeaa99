"""Makes versioned model bundles out of pinned packages. This level needs only Python's standard
library.
"""
