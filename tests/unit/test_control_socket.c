/* The control protocol: lines, and a request from a client to a server. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <event2/event.h>

#include "base/buf.h"
#include "control/client.h"
#include "control/proto.h"
#include "control/server.h"

static void
lines_come_back_as_they_were(void **state)
{
	const char *const words[] = {"say", "", "a b%\n\t", "größe", "%"};
	char *back[8];
	struct buf line;

	(void)state;
	buf_init(&line, CONTROL_LINE_BYTES);
	assert_int_equal(control_line_encode(&line, 5, words), 0);
	assert_int_equal(line.data[line.len - 1], '\n');
	line.data[line.len - 1] = '\0';
	assert_null(strchr(line.data, '\n'));
	assert_int_equal(control_line_decode(line.data, back, 8), 5);
	for (int i = 0; i < 5; i++)
		assert_string_equal(back[i], words[i]);
	buf_release(&line);
}

static void
broken_lines_are_refused(void **state)
{
	static const char *const broken[] = {
	    "", " a", "a  b", "a ", "%2", "a%zz", "a%00b", "a b c d e"};
	char line[32], *words[4];

	(void)state;
	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		strcpy(line, broken[i]);
		assert_int_equal(control_line_decode(line, words, 4), -1);
	}
}

struct server_state {
	struct event_base *base;
	int calls, gone;
};

static void
on_call(void *arg, struct control_call *call, size_t count, char **words)
{
	struct server_state *s = arg;

	s->calls++;
	if (strcmp(words[0], "quit") == 0) {
		control_end(call, 0);
		event_base_loopexit(s->base, &(struct timeval){0, 200000});
		return;
	}
	if (strcmp(words[0], "leave") == 0)
		return; /* the client goes before an answer comes */
	for (size_t i = 0; i < count; i++)
		control_say(call, "%s", words[i]);
	control_row(call, 2, (const char *[]){"key", "a value"});
	control_warn(call, "mind the gap");
	control_end(call, 7);
}

static void
on_gone(void *arg, struct control_call *call)
{
	(void)call;
	((struct server_state *)arg)->gone++;
}

static _Noreturn void
serve(const char *path)
{
	static const struct control_ops ops = {on_call, on_gone};
	struct server_state s = {.base = event_base_new()};
	struct control_server *server;
	struct err e = {0};

	server = control_server_new(s.base, path, &ops, &s, &e);
	if (server == NULL)
		_exit(9);
	event_base_dispatch(s.base);
	control_server_free(server);
	event_base_free(s.base);
	_exit(access(path, F_OK) == 0 ? 8 : s.gone);
}

static void
note_line(void *arg, const char *kind, size_t count, char **words)
{
	struct buf *all = arg;

	buf_adds(all, kind);
	for (size_t i = 0; i < count; i++)
		buf_printf(all, "|%s", words[i]);
	buf_addc(all, '\n');
}

static void
wait_for_file(const char *path)
{
	struct stat st;

	for (int i = 0; i < 500 && stat(path, &st) != 0; i++)
		usleep(10000);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0660);
}

static void
a_request_is_answered(void **state)
{
	char dir[] = "/tmp/sheaf-control-XXXXXX", path[64];
	struct err e = {0};
	struct buf all;
	int status;
	pid_t pid;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/control", dir);
	pid = fork();
	if (pid == 0)
		serve(path);
	wait_for_file(path);
	buf_init(&all, 4096);
	assert_int_equal(
	    control_ask(path, 3, (const char *[]){"echo", "two words", ""},
		note_line, &all, &e),
	    7);
	assert_string_equal(buf_str(&all),
	    "say|echo\nsay|two words\nsay|\nrow|key|a value\n"
	    "warn|mind the gap\n");
	assert_int_equal(
	    control_ask(path, 1, (const char *[]){"quit"}, note_line, &all, &e),
	    0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(
	    control_ask(path, 1, (const char *[]){"echo"}, note_line, &all, &e),
	    -1);
	assert_int_equal(e.class, ERR_SYSTEM);
	buf_release(&all);
	rmdir(dir);
}

static void
a_long_line_is_refused_by_the_client(void **state)
{
	static char word[CONTROL_LINE_BYTES + 1];
	struct err e = {0};

	(void)state;
	memset(word, 'x', CONTROL_LINE_BYTES);
	/* No server is needed to find that out, but a socket is. */
	assert_int_equal(control_ask("/nonexistent/control", 1,
			     (const char *[]){word}, note_line, NULL, &e),
	    -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(lines_come_back_as_they_were),
	    cmocka_unit_test(broken_lines_are_refused),
	    cmocka_unit_test(a_request_is_answered),
	    cmocka_unit_test(a_long_line_is_refused_by_the_client),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
