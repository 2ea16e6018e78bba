# tests/hostile: attacks on the parser, made on the fly.
TESTS += tests/hostile/check_pages tests/hostile/check_feeds
EXTRA_DIST += tests/hostile/check_pages tests/hostile/check_feeds
