# The schema: numbered migrations, forward only; views re-applied on upgrade.
sqldir = $(pkgdatadir)/sql
dist_sql_DATA = \
	sql/0001-tables.sql \
	sql/0002-functions.sql \
	sql/0003-rekey.sql \
	sql/0004-vocabulary.sql \
	sql/0005-keep.sql \
	sql/0006-renormalise.sql \
	sql/0007-resolve.sql \
	sql/0008-decisions.sql \
	sql/0009-filtered.sql \
	sql/0010-entries.sql \
	sql/0011-changes.sql \
	sql/0012-search.sql \
	sql/0013-matrix.sql \
	sql/0014-decided.sql \
	sql/0015-withheld.sql \
	sql/0016-matrix.sql \
	sql/0017-lanes.sql \
	sql/grants.sql \
	sql/reader.sql \
	sql/roles.sql
sqlregistrydir = $(sqldir)/registry
dist_sqlregistry_DATA = \
	sql/registry/10-views.sql \
	sql/registry/20-raw.sql \
	sql/registry/30-vocabulary.sql \
	sql/registry/40-entries.sql \
	sql/registry/50-decisions.sql \
	sql/registry/52-resolve.sql \
	sql/registry/54-withheld.sql \
	sql/registry/60-entry.sql \
	sql/registry/62-change.sql \
	sql/registry/64-search.sql \
	sql/registry/66-matrix.sql \
	sql/registry/70-replica.sql \
	sql/registry/72-partition.sql \
	sql/registry/90-guide.sql
