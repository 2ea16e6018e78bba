# Real processes, a real PostgreSQL, a real HTTP server: pytest, after the unit
# tests. PYTEST_ARGS chooses, for example PYTEST_ARGS='-k resume -x'.
PYTEST = /usr/bin/python3 -m pytest
PYTEST_ARGS = -n 4
# check_local=no leaves them out.
check_local = yes
check-local:
	@test "$(check_local)" = yes || exit 0; \
	echo "== integration tests"; \
	SHEAF_BUILD='$(abs_top_builddir)' PYTHONDONTWRITEBYTECODE=1 \
	$(PYTEST) -c $(srcdir)/tests/integration/pytest.ini --rootdir $(srcdir)/tests/integration \
	  $(PYTEST_ARGS) $(srcdir)/tests/integration
EXTRA_DIST += tests/integration/conftest.py tests/integration/nouns.py tests/integration/pytest.ini \
	tests/integration/statements.py
EXTRA_DIST += tests/integration/test_check.py tests/integration/test_check_feeds.py tests/integration/test_bytes.py \
	tests/integration/test_crosswalk_files.py tests/integration/test_crosswalks.py \
	tests/integration/test_renormalise.py \
	tests/integration/test_feeds.py tests/integration/test_feed_polling.py \
	tests/integration/test_feed_hostile.py tests/integration/test_feed_reading.py \
	tests/integration/test_asking.py tests/integration/test_attacks.py \
	tests/integration/test_running.py \
	tests/integration/test_tls.py \
	tests/integration/test_http.py tests/integration/test_increments.py tests/integration/test_keep.py tests/integration/test_unmapped.py \
	tests/integration/test_kills.py tests/integration/test_known.py \
	tests/integration/test_model.py \
	tests/integration/test_paging.py \
	tests/integration/test_replay.py tests/integration/test_responses.py \
	tests/integration/test_portals.py tests/integration/test_robust.py tests/integration/test_samples.py tests/integration/test_smoke.py \
	tests/integration/test_decisions.py tests/integration/test_deciding.py tests/integration/test_entries.py \
	tests/integration/test_resolve_odd.py tests/integration/test_versions.py \
	tests/integration/test_partition.py tests/integration/test_entry_ids.py tests/integration/test_upgrades.py \
	tests/integration/test_display_dates.py tests/integration/test_static.py tests/integration/test_vocabulary.py tests/integration/test_withheld.py
EXTRA_DIST += tests/integration/liar.py tests/integration/test_liars.py \
	tests/integration/test_hostile.py tests/integration/test_control.py \
	tests/integration/test_operator.py tests/integration/test_matching.py tests/integration/test_changes.py tests/integration/test_following.py tests/integration/test_replicas.py tests/integration/test_partitions.py \
	tests/integration/test_matrix.py tests/integration/test_search.py
