# tests/golden: pages and what becomes of them, compared line by line.
TESTS += tests/golden/check_golden
EXTRA_DIST += tests/golden/check_golden tests/golden/pages
