# conf: the sample configuration, the shipped endpoints, crosswalks and vocabularies. What an operator has
# changed is never overwritten: the shipped file goes beside it as .sample. The mechanisms are data, and
# mechanisms.conf knows where they were installed.
dist_pkgdata_DATA = conf/mechanisms.xml
SHEAF_CONF_FILES = \
	sheaf.conf \
	sources.d/README \
	sources.d/apctt.conf \
	sources.d/cbd.conf \
	sources.d/cern-zenodo.conf \
	sources.d/cgiar.conf \
	sources.d/ctcn.conf \
	sources.d/eclac.conf \
	sources.d/escap.conf \
	sources.d/fao.conf \
	sources.d/gcf.conf \
	sources.d/gef.conf \
	sources.d/iaea.conf \
	sources.d/irena.conf \
	sources.d/itu.conf \
	sources.d/un-secretariat.conf \
	sources.d/unctad.conf \
	sources.d/undesa.conf \
	sources.d/uneca.conf \
	sources.d/unep.conf \
	sources.d/unesco.conf \
	sources.d/unfccc.conf \
	sources.d/unido.conf \
	sources.d/who.conf \
	sources.d/wipo.conf \
	sources.d/worldbank.conf \
	crosswalks/arXiv.crosswalk crosswalks/base_dc.crosswalk \
	crosswalks/cmdi.crosswalk crosswalks/crossref.crosswalk \
	crosswalks/datacite.crosswalk crosswalks/dcterms.crosswalk \
	crosswalks/ddi.crosswalk crosswalks/ddi3.crosswalk \
	crosswalks/dif.crosswalk crosswalks/doaj.crosswalk \
	crosswalks/eac-cpf.crosswalk crosswalks/edm.crosswalk \
	crosswalks/ese.crosswalk crosswalks/iso19139.crosswalk \
	crosswalks/jats.crosswalk crosswalks/lido.crosswalk \
	crosswalks/lom.crosswalk crosswalks/lrmi.crosswalk \
	crosswalks/marcxml.crosswalk \
	crosswalks/oai_marc.crosswalk \
	crosswalks/mods.crosswalk crosswalks/mods_collection.crosswalk \
	crosswalks/oai_datacite.crosswalk \
	crosswalks/didl.crosswalk \
	crosswalks/dim.crosswalk \
	crosswalks/etdms.crosswalk \
	crosswalks/marc_collection.crosswalk \
	crosswalks/mets.crosswalk \
	crosswalks/oai_dc.crosswalk \
	crosswalks/oai_openaire.crosswalk \
	crosswalks/obvious.crosswalk \
	crosswalks/olac.crosswalk \
	crosswalks/other.crosswalk \
	crosswalks/pubmed.crosswalk \
	crosswalks/qdc.crosswalk crosswalks/rdf.crosswalk \
	crosswalks/untl.crosswalk crosswalks/xc.crosswalk \
	crosswalks/uketd_dc.crosswalk \
	crosswalks/xmetadiss.crosswalk \
	crosswalks/xoai.crosswalk \
	vocab/countries.tsv \
	vocab/country-terms.tsv \
	vocab/kind-terms.tsv \
	vocab/kinds.tsv \
	vocab/language-terms.tsv \
	vocab/languages.tsv \
	vocab/licence-terms.tsv \
	vocab/licences.tsv \
	vocab/prefixes.tsv \
	vocab/regions.tsv \
	vocab/role-terms.tsv \
	vocab/roles.tsv \
	vocab/sdg-terms.tsv \
	vocab/sdg.tsv \
	vocab/sector-keywords.tsv \
	vocab/sector-terms.tsv \
	vocab/sectors.tsv
SHEAF_CONF_MADE = sources.d/mechanisms.conf
EXTRA_DIST += $(SHEAF_CONF_FILES:%=conf/%) $(SHEAF_CONF_MADE:%=conf/%.in)
CLEANFILES += $(SHEAF_CONF_MADE:%=conf/%)
all-local: $(SHEAF_CONF_MADE:%=conf/%)
conf/sources.d/mechanisms.conf: conf/sources.d/mechanisms.conf.in Makefile
	$(AM_V_GEN)$(MKDIR_P) conf/sources.d && \
	$(SED) -e 's|@pkgdatadir[@]|$(pkgdatadir)|g' $(srcdir)/conf/sources.d/mechanisms.conf.in >$@.tmp && mv $@.tmp $@
sheafconfdir = $(sysconfdir)/sheaf

install-data-local: install-conf
uninstall-local: uninstall-conf
.PHONY: install-conf uninstall-conf
install-conf: $(SHEAF_CONF_MADE:%=conf/%)
	$(MKDIR_P) "$(DESTDIR)$(sheafconfdir)/sources.d" "$(DESTDIR)$(sheafconfdir)/vocab" "$(DESTDIR)$(sheafconfdir)/crosswalks"
	@for f in $(SHEAF_CONF_FILES) $(SHEAF_CONF_MADE); do \
	  to="$(DESTDIR)$(sheafconfdir)/$$f"; from="conf/$$f"; \
	  test -f "$$from" || from="$(srcdir)/conf/$$f"; \
	  if test -f "$$to" && ! cmp -s "$$from" "$$to"; then to="$$to.sample"; fi; \
	  echo " $(INSTALL_DATA) $$from $$to"; \
	  $(INSTALL_DATA) "$$from" "$$to" || exit 1; \
	done
uninstall-conf:
	@for f in $(SHEAF_CONF_FILES) $(SHEAF_CONF_MADE); do \
	  to="$(DESTDIR)$(sheafconfdir)/$$f"; from="conf/$$f"; \
	  test -f "$$from" || from="$(srcdir)/conf/$$f"; \
	  rm -f "$$to.sample"; \
	  if cmp -s "$$from" "$$to"; then rm -f "$$to"; fi; \
	done
	-@rmdir "$(DESTDIR)$(sheafconfdir)/sources.d" "$(DESTDIR)$(sheafconfdir)/vocab" "$(DESTDIR)$(sheafconfdir)/crosswalks" "$(DESTDIR)$(sheafconfdir)" 2>/dev/null || true
