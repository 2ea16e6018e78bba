# systemd: the unit, its user and its directories.
EXTRA_DIST += systemd/sheaf.service.in systemd/sheaf.sysusers systemd/sheaf.tmpfiles
systemdsystemunit_DATA = systemd/sheaf.service
sysusers_DATA = systemd/sysusers.d/sheaf.conf
tmpfiles_DATA = systemd/tmpfiles.d/sheaf.conf
CLEANFILES += systemd/sheaf.service systemd/sysusers.d/sheaf.conf systemd/tmpfiles.d/sheaf.conf

systemd/sheaf.service: systemd/sheaf.service.in Makefile
	$(AM_V_GEN)$(MKDIR_P) systemd && \
	$(SED) -e 's|@sbindir[@]|$(sbindir)|g; s|@bindir[@]|$(bindir)|g' $(srcdir)/systemd/sheaf.service.in >$@.tmp && mv $@.tmp $@
systemd/sysusers.d/sheaf.conf: systemd/sheaf.sysusers
	$(AM_V_GEN)$(MKDIR_P) systemd/sysusers.d && cp $(srcdir)/systemd/sheaf.sysusers $@
systemd/tmpfiles.d/sheaf.conf: systemd/sheaf.tmpfiles
	$(AM_V_GEN)$(MKDIR_P) systemd/tmpfiles.d && \
	$(SED) -e 's|/etc/sheaf|$(sysconfdir)/sheaf|' $(srcdir)/systemd/sheaf.tmpfiles >$@
