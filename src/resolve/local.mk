# src/resolve: which records are one thing: profiles, model, candidates, score,
# clusters, entries.
noinst_LIBRARIES += src/resolve/libresolve.a
src_resolve_libresolve_a_CFLAGS = $(AM_CFLAGS) $(NETTLE_CFLAGS) $(XXHASH_CFLAGS) $(EVENT_CFLAGS)
src_resolve_libresolve_a_SOURCES = \
	src/resolve/ask.c src/resolve/ask.h \
	src/resolve/batch.c src/resolve/batch.h \
	src/resolve/blocking.c src/resolve/blocking.h \
	src/resolve/blocking_chain.c src/resolve/blocking_chain.h \
	src/resolve/bulk.c src/resolve/bulk.h \
	src/resolve/clusters_run.c src/resolve/clusters_run.h \
	src/resolve/compose.c src/resolve/compose.h src/resolve/compose_priv.h \
	src/resolve/compose_batch.h \
	src/resolve/compose_contacts.c src/resolve/compose_digest.c \
	src/resolve/compose_put.c src/resolve/compose_put.h \
	src/resolve/compose_read.c \
	src/resolve/compose_aside.c \
	src/resolve/compose_run.c src/resolve/compose_run.h \
	src/resolve/compose_sources.c src/resolve/compose_write.c \
	src/resolve/compose_list.c src/resolve/compose_time.c \
	src/resolve/counts.c src/resolve/counts.h \
	src/resolve/flow.c src/resolve/flow.h \
	src/resolve/group.c src/resolve/group.h \
	src/resolve/group_entries.c src/resolve/group_entries.h \
	src/resolve/group_parts.c src/resolve/group_parts.h \
	src/resolve/idmap.h \
	src/resolve/judge.c src/resolve/judge.h \
	src/resolve/keys.c src/resolve/keys.h \
	src/resolve/known.c src/resolve/known.h \
	src/resolve/learn.c src/resolve/learn.h \
	src/resolve/learn_count.c src/resolve/learn_match.c \
	src/resolve/learn_priv.h src/resolve/learn_sample.c \
	src/resolve/learn_run.c src/resolve/learn_run.h \
	src/resolve/made.c src/resolve/made.h \
	src/resolve/model.c src/resolve/model.h \
	src/resolve/model_codec.c src/resolve/model_priv.h \
	src/resolve/pairs_run.c src/resolve/pairs_run.h \
	src/resolve/postings.c src/resolve/postings.h \
	src/resolve/propose.c src/resolve/propose.h \
	src/resolve/queue.c src/resolve/queue.h \
	src/resolve/shelf.c src/resolve/shelf.h \
	src/resolve/spool.c src/resolve/spool.h \
	src/resolve/resolve.c src/resolve/resolve.h \
	src/resolve/resolve_model.c src/resolve/resolve_priv.h \
	src/resolve/upkeep.c src/resolve/upkeep.h \
	src/resolve/version.c src/resolve/version.h \
	src/resolve/weigh.c src/resolve/weigh.h \
	src/resolve/work.c src/resolve/work.h \
	src/resolve/cluster.c src/resolve/cluster.h \
	src/resolve/cluster_again.c \
	src/resolve/cluster_cut.c \
	src/resolve/cluster_join.c \
	src/resolve/cluster_judge.c \
	src/resolve/cluster_pairs.c src/resolve/cluster_priv.h \
	src/resolve/cluster_profile.c \
	src/resolve/cluster_words.c \
	src/resolve/entries.c src/resolve/entries.h \
	src/resolve/parameters.h \
	src/resolve/profile.c src/resolve/profile_build.c src/resolve/profile_build.h \
	src/resolve/profile_codec.c src/resolve/profile.h \
	src/resolve/score.c src/resolve/score.h \
	src/resolve/score_identifier.c src/resolve/score_names.c src/resolve/score_parts.h \
	src/resolve/score_relation.c src/resolve/score_text.c src/resolve/score_title.c \
	src/resolve/word.c src/resolve/word.h

# Tests of profiles and scores bring a model of their own (resolve_talk.c).
RESOLVE_TALK = tests/unit/resolve_talk.c tests/unit/resolve_talk.h
RESOLVE_LIBS = src/resolve/libresolve.a src/record/librecord.a $(BASE_LIBS) -lm
RESOLVE_TESTS = tests/unit/test_resolve_profile tests/unit/test_resolve_score
check_PROGRAMS += $(RESOLVE_TESTS)
TESTS += $(RESOLVE_TESTS)
tests_unit_test_resolve_profile_SOURCES = tests/unit/test_resolve_profile.c $(RESOLVE_TALK) $(RECORD_RANDOM)
tests_unit_test_resolve_profile_CFLAGS = $(AM_CFLAGS) $(NETTLE_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_resolve_profile_LDADD = $(RESOLVE_LIBS) $(CMOCKA_LIBS)
tests_unit_test_resolve_score_SOURCES = tests/unit/test_resolve_score.c $(RESOLVE_TALK)
tests_unit_test_resolve_score_CFLAGS = $(AM_CFLAGS) $(NETTLE_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_resolve_score_LDADD = $(RESOLVE_LIBS) $(CMOCKA_LIBS)
RESOLVE_CLUSTER_TESTS = tests/unit/test_resolve_cluster tests/unit/test_resolve_entries
check_PROGRAMS += $(RESOLVE_CLUSTER_TESTS)
TESTS += $(RESOLVE_CLUSTER_TESTS)
tests_unit_test_resolve_cluster_SOURCES = tests/unit/test_resolve_cluster.c
tests_unit_test_resolve_cluster_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_resolve_cluster_LDADD = $(RESOLVE_LIBS) $(CMOCKA_LIBS)
tests_unit_test_resolve_entries_SOURCES = tests/unit/test_resolve_entries.c
tests_unit_test_resolve_entries_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_resolve_entries_LDADD = src/resolve/libresolve.a $(BASE_LIBS) $(CMOCKA_LIBS)

# Learning, the model and candidates, by a registry that is made up.
RESOLVE_MODEL_TESTS = tests/unit/test_resolve_model tests/unit/test_resolve_blocking
RESOLVE_REGISTRY = tests/unit/resolve_registry.c tests/unit/resolve_registry.h
check_PROGRAMS += $(RESOLVE_MODEL_TESTS)
TESTS += $(RESOLVE_MODEL_TESTS)
tests_unit_test_resolve_model_SOURCES = tests/unit/test_resolve_model.c $(RESOLVE_REGISTRY)
tests_unit_test_resolve_model_CFLAGS = $(AM_CFLAGS) $(NETTLE_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_resolve_model_LDADD = $(RESOLVE_LIBS) $(CMOCKA_LIBS)
tests_unit_test_resolve_blocking_SOURCES = tests/unit/test_resolve_blocking.c $(RESOLVE_REGISTRY)
tests_unit_test_resolve_blocking_CFLAGS = $(AM_CFLAGS) $(NETTLE_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_resolve_blocking_LDADD = $(RESOLVE_LIBS) $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/test_resolve_postings
TESTS += tests/unit/test_resolve_postings
tests_unit_test_resolve_postings_SOURCES = tests/unit/test_resolve_postings.c
tests_unit_test_resolve_postings_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_resolve_postings_LDADD = $(RESOLVE_LIBS) $(CMOCKA_LIBS)
EXTRA_DIST += tests/integration/test_resolve_queue.py tests/integration/test_composing.py

check_PROGRAMS += tests/unit/test_resolve_compose
TESTS += tests/unit/test_resolve_compose
tests_unit_test_resolve_compose_SOURCES = tests/unit/test_resolve_compose.c
tests_unit_test_resolve_compose_CFLAGS = $(AM_CFLAGS) $(NETTLE_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_resolve_compose_LDADD = $(RESOLVE_LIBS) $(CMOCKA_LIBS)
