# What src/bin is made of: the mains, which are wiring only.
sbin_PROGRAMS += sheafd
bin_PROGRAMS += sheafctl

sheafd_CPPFLAGS = $(AM_CPPFLAGS) -DSHEAF_BINDIR='"$(bindir)"' \
	-DSHEAF_VERSION='"$(PACKAGE_VERSION)"'
sheafd_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS) $(NETTLE_CFLAGS)
sheafd_SOURCES = \
	src/bin/config_open.c src/bin/config_open.h \
	src/bin/crosswalk_dir.c src/bin/crosswalk_dir.h \
	src/bin/made_by.c src/bin/made_by.h \
	src/bin/sheafd.c src/bin/sheafd.h \
	src/bin/sheafd_control.c src/bin/sheafd_control.h \
	src/bin/sheafd_control_act.c src/bin/sheafd_control_act.h \
	src/bin/sheafd_control_wait.c src/bin/sheafd_control_wait.h \
	src/bin/sheafd_database.c src/bin/sheafd_database.h \
	src/bin/sheafd_page.h \
	src/bin/sheafd_pages.c src/bin/sheafd_pages.h \
	src/bin/sheafd_place.c src/bin/sheafd_place.h \
	src/bin/sheafd_progress.c src/bin/sheafd_progress.h \
	src/bin/sheafd_reload.c src/bin/sheafd_reload.h \
	src/bin/sheafd_resolving.c src/bin/sheafd_resolving.h \
	src/bin/sheafd_roles.c src/bin/sheafd_roles.h \
	src/bin/sheafd_runs.c src/bin/sheafd_runs.h \
	src/bin/sheafd_schedule.c src/bin/sheafd_schedule.h \
	src/bin/sheafd_sources.c src/bin/sheafd_sources.h \
	src/bin/sheafd_steps.c \
	src/bin/sheafd_stop.c src/bin/sheafd_stop.h \
	src/bin/sheafd_stored.c src/bin/sheafd_stored.h \
	src/bin/sheafd_transfers.c src/bin/sheafd_transfers.h \
	src/bin/sheafd_verdicts.c \
	src/bin/sheafd_vocabulary.c src/bin/sheafd_vocabulary.h \
	src/bin/sheafd_watchdog.c src/bin/sheafd_watchdog.h \
	src/bin/vocab_dir.c src/bin/vocab_dir.h
sheafd_LDADD = \
	src/control/libcontrol.a src/query/libquery.a src/sched/libsched.a \
	src/config/libconfig.a src/crosswalk/libcrosswalk.a \
	src/record/librecord.a src/proc/libproc.a src/wire/libwire.a \
	src/sandbox/libsandbox.a $(BASE_LIBS) $(UTF8PROC_LIBS) \
	$(EVENT_LIBS) $(SECCOMP_LIBS)

sheafctl_CPPFLAGS = $(AM_CPPFLAGS) -DSHEAF_VERSION='"$(PACKAGE_VERSION)"'
sheafctl_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS) $(NETTLE_CFLAGS)
sheafctl_SOURCES = \
	src/bin/config_open.c src/bin/config_open.h \
	src/bin/crosswalk_dir.c src/bin/crosswalk_dir.h \
	src/bin/made_by.c src/bin/made_by.h \
	src/bin/sheafctl.c src/bin/sheafctl.h \
	src/bin/sheafctl_again.c src/bin/sheafctl_again.h \
	src/bin/sheafctl_database.c \
	src/bin/sheafctl_explain.c \
	src/bin/sheafctl_init.c \
	src/bin/sheafctl_parse.c \
	src/bin/sheafctl_parser.c \
	src/bin/sheafctl_renormalise.c \
	src/bin/sheafctl_resolve.c \
	src/bin/sheafctl_score.c src/bin/sheafctl_score.h \
	src/bin/sheafctl_unmapped.c \
	src/bin/vocab_dir.c src/bin/vocab_dir.h
sheafctl_LDADD = \
	src/control/libcontrol.a src/query/libquery.a src/sched/libsched.a \
	src/config/libconfig.a src/crosswalk/libcrosswalk.a \
	src/resolve/libresolve.a src/record/librecord.a src/db/libdb.a \
	src/proc/libproc.a src/wire/libwire.a src/sandbox/libsandbox.a $(BASE_LIBS) \
	$(UTF8PROC_LIBS) $(PQ_LIBS) $(EVENT_LIBS) $(SECCOMP_LIBS) -lm

pkglibexec_PROGRAMS += sheaf-fetch
sheaf_fetch_SOURCES = src/bin/sheaf-fetch.c
sheaf_fetch_LDADD = src/fetch/libfetch.a src/proc/libproc.a \
	src/sandbox/libsandbox.a src/wire/libwire.a $(BASE_LIBS) \
	$(CURL_LIBS) $(EVENT_LIBS) $(SECCOMP_LIBS)

pkglibexec_PROGRAMS += sheaf-parse
sheaf_parse_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS) $(XML_CFLAGS) $(NETTLE_CFLAGS)
sheaf_parse_SOURCES = src/bin/sheaf-parse.c \
	src/bin/crosswalk_dir.c src/bin/crosswalk_dir.h \
	src/bin/vocab_dir.c src/bin/vocab_dir.h
sheaf_parse_LDFLAGS = $(PARSER_LDFLAGS)
sheaf_parse_LDADD = \
	src/parse/libparse.a src/crosswalk/libcrosswalk.a \
	src/record/librecord.a src/proc/libproc.a src/wire/libwire.a \
	src/sandbox/libsandbox.a $(BASE_LIBS) \
	$(PARSER_XML_LIBS) $(UTF8PROC_LIBS) $(EVENT_LIBS) $(SECCOMP_LIBS)

pkglibexec_PROGRAMS += sheaf-store
sheaf_store_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS) $(NETTLE_CFLAGS)
sheaf_store_SOURCES = src/bin/sheaf-store.c
sheaf_store_LDADD = \
	src/store/libstore.a src/db/libdb.a src/record/librecord.a \
	src/proc/libproc.a src/wire/libwire.a src/sandbox/libsandbox.a \
	$(BASE_LIBS) $(PQ_LIBS) $(EVENT_LIBS) $(SECCOMP_LIBS)

pkglibexec_PROGRAMS += sheaf-resolve
sheaf_resolve_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS) $(NETTLE_CFLAGS)
sheaf_resolve_SOURCES = src/bin/sheaf-resolve.c
sheaf_resolve_LDADD = \
	src/resolve/libresolve.a src/db/libdb.a src/record/librecord.a \
	src/proc/libproc.a src/wire/libwire.a src/sandbox/libsandbox.a \
	$(BASE_LIBS) $(PQ_LIBS) $(EVENT_LIBS) $(SECCOMP_LIBS) -lm
