/*
 * Datagrams to the service manager.  See proc/notify.h.
 */
#include "proc/notify.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/str.h"

enum { STATUS_BYTES = 1024 };

static int notify_fd = -1;
static uint64_t watchdog_us;

/* "@name" is the abstract socket "\0name". */
static int
connect_to(const char *path)
{
	struct sockaddr_un sa;
	size_t n = strlen(path);
	int fd;

	if ((path[0] != '/' && path[0] != '@') || n >= sizeof(sa.sun_path))
		return -1;
	memset(&sa, 0, sizeof(sa));
	sa.sun_family = AF_UNIX;
	memcpy(sa.sun_path, path, n);
	if (path[0] == '@')
		sa.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	if (connect(fd, (struct sockaddr *)&sa,
		(socklen_t)(offsetof(struct sockaddr_un, sun_path) + n +
			    (path[0] == '/' ? 1 : 0))) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

void
notify_init(void)
{
	const char *path = getenv("NOTIFY_SOCKET");
	const char *usec = getenv("WATCHDOG_USEC");
	const char *pid = getenv("WATCHDOG_PID");
	uint64_t v;

	notify_end();
	if (path)
		notify_fd = connect_to(path);
	if (notify_fd >= 0 && usec && str_to_u64(usec, INT64_MAX, &v) == 0)
		watchdog_us = v;
	if (pid &&
	    (str_to_u64(pid, INT32_MAX, &v) < 0 || v != (uint64_t)getpid()))
		watchdog_us = 0;
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
}

void
notify_end(void)
{
	if (notify_fd >= 0)
		close(notify_fd);
	notify_fd = -1;
	watchdog_us = 0;
}

bool
notify_active(void)
{
	return notify_fd >= 0;
}

static void
say(const char *text)
{
	if (notify_fd >= 0)
		(void)!send(
		    notify_fd, text, strlen(text), MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* A line break would begin another assignment. */
static void
add_status(struct buf *b, const char *status)
{
	buf_adds(b, "STATUS=");
	str_escape(b, status, strlen(status), STATUS_BYTES);
	buf_addc(b, '\n');
}

static void
say_with_status(const char *what, const char *status)
{
	struct buf b;

	if (notify_fd < 0)
		return;
	buf_init(&b, 4 * KIB);
	buf_adds(&b, what);
	if (status)
		add_status(&b, status);
	say(buf_str(&b));
	buf_release(&b);
}

void
notify_ready(const char *status)
{
	say_with_status("READY=1\n", status);
}

void
notify_reloading(void)
{
	struct timespec ts;
	struct buf b;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	buf_init(&b, 80);
	buf_printf(&b, "RELOADING=1\nMONOTONIC_USEC=%" PRIu64 "\n",
	    (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000);
	say(buf_str(&b));
	buf_release(&b);
}

void
notify_stopping(const char *status)
{
	say_with_status("STOPPING=1\n", status);
}

void
notify_status(const char *fmt, ...)
{
	struct buf b;
	va_list ap;

	if (notify_fd < 0)
		return;
	buf_init(&b, STATUS_BYTES);
	va_start(ap, fmt);
	buf_vprintf(&b, fmt, ap);
	va_end(ap);
	say_with_status("", buf_str(&b));
	buf_release(&b);
}

void
notify_extend_timeout_ms(uint64_t ms)
{
	struct buf b;

	buf_init(&b, 80);
	buf_printf(&b, "EXTEND_TIMEOUT_USEC=%" PRIu64 "\n", ms * 1000);
	say(buf_str(&b));
	buf_release(&b);
}

uint64_t
notify_watchdog_interval_ms(void)
{
	uint64_t ms = watchdog_us / 2000;

	return watchdog_us > 0 && ms == 0 ? 1 : ms;
}

void
notify_watchdog(void)
{
	if (watchdog_us > 0)
		say("WATCHDOG=1\n");
}
