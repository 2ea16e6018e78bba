# man: a page for each program, file format and protocol (mdoc).
dist_man_MANS = \
	man/sheaf-crosswalk.5 \
	man/sheaf-fetch.8 \
	man/sheaf-messages.7 \
	man/sheaf-parse.8 \
	man/sheaf-record.5 \
	man/sheaf-registry.7 \
	man/sheaf-resolve.8 \
	man/sheaf-store.8 \
	man/sheaf.conf.5 \
	man/sheafctl.8 \
	man/sheafd.8
