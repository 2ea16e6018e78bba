# tests/golden: pages and what becomes of them, compared line by line.
TESTS += tests/golden/check_golden tests/golden/check_manual
EXTRA_DIST += tests/golden/check_golden tests/golden/check_manual tests/golden/pages
