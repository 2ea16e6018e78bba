/* sheafctl's end of the control socket. */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/str.h"
#include "control/client.h"
#include "control/proto.h"

static int
connect_to(const char *path, struct err *e)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	int fd;

	if (strlen(path) >= sizeof(sa.sun_path))
		return err_set(e, ERR_SYSTEM, ENAMETOOLONG,
		    "%s is too long for a socket", path);
	strcpy(sa.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return err_sys(e, "no socket");
	if (connect(fd, (struct sockaddr *)&sa, sizeof(sa)) != 0) {
		err_sys(e, "%s", path);
		close(fd);
		return -1;
	}
	return fd;
}

static int
send_request(int fd, size_t count, const char *const *words, struct err *e)
{
	struct buf line;
	size_t done = 0;
	int rc = 0;

	buf_init(&line, CONTROL_LINE_BYTES);
	if (control_line_encode(&line, count, words) != 0)
		rc = err_set(e, ERR_LIMIT, 0,
		    "the request is longer than %d bytes", CONTROL_LINE_BYTES);
	while (rc == 0 && done < line.len) {
		ssize_t n =
		    send(fd, line.data + done, line.len - done, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		/* Who is refused is told so and left; that can be read. */
		if (n < 0 && errno == EPIPE)
			break;
		if (n < 0)
			rc = err_sys(e, "the daemon does not take the request");
		else
			done += (size_t)n;
	}
	buf_release(&line);
	return rc;
}

/* One line of the answer.  -1 broken, 0 go on, 1 it was the end (*code). */
static int
take_line(char *line, control_line_fn *on_line, void *arg, int *code)
{
	char *words[CONTROL_WORDS];
	int count = control_line_decode(line, words, CONTROL_WORDS);
	int64_t number;

	if (count < 1)
		return -1;
	if (strcmp(words[0], "end") == 0) {
		if (count != 2 || str_to_i64(words[1], 0, 255, &number) != 0)
			return -1;
		*code = (int)number;
		return 1;
	}
	on_line(arg, words[0], (size_t)count - 1, words + 1);
	return 0;
}

static int
read_answer(int fd, control_line_fn *on_line, void *arg, struct err *e)
{
	struct buf in;
	int code = -1, rc = 0;

	buf_init(&in, CONTROL_LINE_BYTES * 4);
	while (rc == 0) {
		char *room = buf_reserve(&in, 4096);
		ssize_t n = room == NULL ? 0 : recv(fd, room, 4096, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		buf_added(&in, (size_t)n);
		char *end;
		while (rc == 0 && in.len > 0 &&
		       (end = memchr(in.data, '\n', in.len)) != NULL) {
			*end = '\0';
			size_t used = (size_t)(end - in.data) + 1;
			rc = take_line(in.data, on_line, arg, &code);
			buf_consume(&in, used);
		}
	}
	buf_release(&in);
	if (rc == 1)
		return code;
	return err_set(e, ERR_PROTO, 0,
	    rc == 0 ? "the daemon ended before it had answered"
		    : "the daemon's answer is not understood");
}

int
control_ask(const char *path, size_t count, const char *const *words,
    control_line_fn *on_line, void *arg, struct err *e)
{
	int fd = connect_to(path, e);
	int rc;

	if (fd < 0)
		return -1;
	rc = send_request(fd, count, words, e);
	if (rc == 0)
		rc = read_answer(fd, on_line, arg, e);
	close(fd);
	return rc;
}
