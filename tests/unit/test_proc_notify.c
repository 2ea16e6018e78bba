/* What the service manager gets, read from a socket of our own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "proc/notify.h"

static int manager = -1;

static void
listen_abstract(void)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	char name[64];
	int n;

	n = snprintf(name, sizeof(name), "@sheaf-test-%d", (int)getpid());
	memcpy(sa.sun_path, name, (size_t)n);
	sa.sun_path[0] = '\0';
	manager = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_int_equal(
	    bind(manager, (struct sockaddr *)&sa,
		(socklen_t)(offsetof(struct sockaddr_un, sun_path) +
			    (size_t)n)),
	    0);
	setenv("NOTIFY_SOCKET", name, 1);
}

static const char *
heard(void)
{
	static char text[4096];
	ssize_t n = recv(manager, text, sizeof(text) - 1, MSG_DONTWAIT);

	text[n > 0 ? n : 0] = '\0';
	return text;
}

static void
test_says(void **state)
{
	char pid[32];
	unsigned long long us = 0;

	(void)state;
	listen_abstract();
	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	setenv("WATCHDOG_USEC", "10000000", 1);
	setenv("WATCHDOG_PID", pid, 1);
	notify_init();
	assert_true(notify_active());
	assert_null(getenv("NOTIFY_SOCKET"));
	assert_null(getenv("WATCHDOG_USEC"));
	assert_int_equal(notify_watchdog_interval_ms(), 5000);
	notify_ready("3 sources");
	assert_string_equal(heard(), "READY=1\nSTATUS=3 sources\n");
	notify_ready(NULL);
	assert_string_equal(heard(), "READY=1\n");
	notify_status("%d runs\nREADY=0", 2);
	assert_string_equal(heard(), "STATUS=2 runs\\nREADY=0\n");
	notify_watchdog();
	assert_string_equal(heard(), "WATCHDOG=1\n");
	notify_extend_timeout_ms(2000);
	assert_string_equal(heard(), "EXTEND_TIMEOUT_USEC=2000000\n");
	notify_reloading();
	assert_int_equal(
	    sscanf(heard(), "RELOADING=1\nMONOTONIC_USEC=%llu\n", &us), 1);
	assert_true(us > 0);
	notify_stopping(NULL);
	assert_string_equal(heard(), "STOPPING=1\n");
	notify_end();
	notify_ready(NULL);
	assert_string_equal(heard(), "");
	close(manager);
}

static void
test_without_a_manager(void **state)
{
	(void)state;
	setenv("WATCHDOG_USEC", "10000000", 1);
	notify_init();
	assert_false(notify_active());
	assert_int_equal(notify_watchdog_interval_ms(), 0);
	notify_ready("nobody hears it");
	notify_watchdog();
	setenv("NOTIFY_SOCKET", "/nonexistent/socket", 1);
	notify_init();
	assert_false(notify_active());
}

static void
test_watchdog_of_another_process(void **state)
{
	(void)state;
	listen_abstract();
	setenv("WATCHDOG_USEC", "10000000", 1);
	setenv("WATCHDOG_PID", "1", 1);
	notify_init();
	assert_int_equal(notify_watchdog_interval_ms(), 0);
	notify_watchdog();
	assert_string_equal(heard(), "");
	notify_end();
	close(manager);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_says),
	    cmocka_unit_test(test_without_a_manager),
	    cmocka_unit_test(test_watchdog_of_another_process),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
