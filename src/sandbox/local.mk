# src/sandbox
noinst_LIBRARIES += src/sandbox/libsandbox.a
src_sandbox_libsandbox_a_SOURCES =
