# src/query
noinst_LIBRARIES += src/query/libquery.a
src_query_libquery_a_SOURCES =
