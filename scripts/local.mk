# The README's two commands, and what they share.
EXTRA_DIST += scripts/packages scripts/quickstart scripts/test
