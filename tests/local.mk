# Unit tests stand in each room's part (src/*/local.mk); here are the others.
include tests/meta/local.mk
include tests/fuzz/local.mk
include tests/golden/local.mk
include tests/hostile/local.mk
include tests/integration/local.mk
include tests/bench/local.mk
include tests/er/local.mk
AM_TESTS_ENVIRONMENT = SHEAF_TOP='$(abs_top_srcdir)' SHEAF_BUILD='$(abs_top_builddir)'; export SHEAF_TOP SHEAF_BUILD;
# The service in a booted container: run by hand, as root; see its head.
EXTRA_DIST += tests/service/run tests/service/inside.sh tests/service/service-test.service
