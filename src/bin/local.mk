# What src/bin is made of.

pkglibexec_PROGRAMS += sheaf-fetch
sheaf_fetch_SOURCES = src/bin/sheaf-fetch.c
sheaf_fetch_LDADD = src/fetch/libfetch.a src/proc/libproc.a \
	src/sandbox/libsandbox.a src/wire/libwire.a $(BASE_LIBS) \
	$(CURL_LIBS) $(EVENT_LIBS) $(SECCOMP_LIBS)
