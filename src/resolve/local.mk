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
	src/resolve/profile.c src/resolve/profile_build.c src/resolve/profile_build.h \
	src/resolve/profile_codec.c src/resolve/profile.h \
	src/resolve/score.c src/resolve/score.h \
	src/resolve/score_identifier.c src/resolve/score_names.c src/resolve/score_parts.h \
	src/resolve/score_relation.c src/resolve/score_text.c src/resolve/score_title.c \
	src/resolve/word.c src/resolve/word.h
