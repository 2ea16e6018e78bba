# src/resolve: which records are one thing: profiles, model, candidates, score,
# clusters, entries.
noinst_LIBRARIES += src/resolve/libresolve.a
src_resolve_libresolve_a_CFLAGS = $(AM_CFLAGS) $(NETTLE_CFLAGS) $(XXHASH_CFLAGS)
src_resolve_libresolve_a_SOURCES = \
	src/resolve/blocking.h \
	src/resolve/learn.h \
	src/resolve/model.h \
	src/resolve/cluster.h \
	src/resolve/entries.h \
	src/resolve/parameters.h \
	src/resolve/profile.c src/resolve/profile.h \
	src/resolve/score.h
