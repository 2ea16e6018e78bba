# src/control: the control socket and sheafctl's acting verbs.
noinst_LIBRARIES += src/control/libcontrol.a
src_control_libcontrol_a_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS)
src_control_libcontrol_a_SOURCES = \
	src/control/act.c src/control/act.h \
	src/control/client.c src/control/client.h \
	src/control/cmd_approve.c \
	src/control/cmd_check.c \
	src/control/cmd_harvest.c \
	src/control/cmd_pause.c \
	src/control/cmd_reject.c \
	src/control/cmd_reload.c \
	src/control/cmd_resume.c \
	src/control/cmd_retire.c \
	src/control/doctor.c src/control/doctor.h \
	src/control/doctor_ask.c src/control/doctor_ask.h \
	src/control/doctor_block.c \
	src/control/doctor_exam.c src/control/doctor_exam.h \
	src/control/doctor_feed.c \
	src/control/doctor_items.c \
	src/control/doctor_lists.c \
	src/control/doctor_oai.c \
	src/control/doctor_poll.c \
	src/control/doctor_preview.c \
	src/control/doctor_rhythm.c \
	src/control/doctor_static.c \
	src/control/proto.c src/control/proto.h \
	src/control/server.c src/control/server.h \
	src/control/verbs.h

check_PROGRAMS += tests/unit/test_control_socket
TESTS += tests/unit/test_control_socket
tests_unit_test_control_socket_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_control_socket_SOURCES = tests/unit/test_control_socket.c
tests_unit_test_control_socket_LDADD = src/control/libcontrol.a $(BASE_LIBS) \
	$(EVENT_LIBS) $(CMOCKA_LIBS)
