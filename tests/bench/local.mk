# make bench: see tests/bench/bench.py. BENCH_ARGS='--runs 1 --cases p1000'.
BENCH_ARGS =
bench: all
	SHEAF_BUILD='$(abs_top_builddir)' PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 $(srcdir)/tests/bench/bench.py $(BENCH_ARGS)
.PHONY: bench
EXTRA_DIST += tests/bench/bench.py tests/bench/sax.c tests/bench/entries.py tests/bench/matrix.py tests/bench/search.py
EXTRA_DIST += tests/bench/growing.py
