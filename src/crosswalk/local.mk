# src/crosswalk
noinst_LIBRARIES += src/crosswalk/libcrosswalk.a
src_crosswalk_libcrosswalk_a_SOURCES =
