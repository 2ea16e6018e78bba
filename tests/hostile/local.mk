# tests/hostile: attacks on the parser, made on the fly.
TESTS += tests/hostile/check_pages
EXTRA_DIST += tests/hostile/check_pages
