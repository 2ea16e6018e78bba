# src/control
noinst_LIBRARIES += src/control/libcontrol.a
src_control_libcontrol_a_SOURCES =
