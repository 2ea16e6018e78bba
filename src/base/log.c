/* The log line.  One write(2) a line, so that lines of several roles on one
 * terminal do not mix.  Not here: where the line ends up (the journal). */
#include "base/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/date.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/str.h"

enum { LOG_LINE_BYTES = 4096 };

static struct {
	const char *name;
	enum log_level level;
	bool journal, timed;
} log_state = {.name = "sheaf", .level = LOG_LEVEL_INFO};

static const char *const level_names[] = {"error", "warn", "info", "debug"};
static const char level_priority[] = {'3', '4', '6', '7'};

void
log_init(const char *name, enum log_level level)
{
	const char *journal = getenv("JOURNAL_STREAM");

	log_state.name = name;
	log_state.level = level;
	log_state.journal = journal && *journal;
	log_state.timed = !log_state.journal && !isatty(STDERR_FILENO);
}

void
log_set_level(enum log_level level)
{
	log_state.level = level;
}

enum log_level
log_get_level(void)
{
	return log_state.level;
}

int
log_level_parse(const char *name)
{
	for (int i = LOG_LEVEL_ERROR; i <= LOG_LEVEL_DEBUG; i++)
		if (strcmp(name, level_names[i]) == 0)
			return i;
	return -1;
}

static void
add_head(struct buf *line, enum log_level level, const char *about)
{
	char when[DATE_TEXT_BYTES];

	if (log_state.journal)
		buf_printf(line, "<%c>", level_priority[level]);
	if (log_state.timed) {
		date_format(when, date_now_us(), GRANULARITY_SECOND);
		buf_printf(line, "%s ", when);
	}
	buf_printf(line, "%s: ", log_state.name);
	if (about && *about) {
		str_escape(line, about, strlen(about), 256);
		buf_adds(line, ": ");
	}
	if (level == LOG_LEVEL_DEBUG)
		buf_adds(line, "debug: ");
}

void
log_vmsg(enum log_level level, const char *about, const char *fmt, va_list ap)
{
	struct buf text, line;
	ssize_t w;

	if (level > log_state.level)
		return;
	buf_init(&text, 64 * KIB);
	buf_init(&line, 4 * (size_t)LOG_LINE_BYTES);
	add_head(&line, level, about);
	if (buf_vprintf(&text, fmt, ap) < 0)
		buf_adds(&line, "(a message of more than 64 KiB)");
	str_escape(&line, buf_str(&text), text.len, LOG_LINE_BYTES);
	buf_addc(&line, '\n');
	/* where standard error is gone there is nobody to tell */
	w = write(STDERR_FILENO, buf_str(&line), line.len);
	(void)w;
	buf_release(&text);
	buf_release(&line);
}

void
log_msg(enum log_level level, const char *about, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_vmsg(level, about, fmt, ap);
	va_end(ap);
}

_Noreturn void
log_fatal(int exit_code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_vmsg(LOG_LEVEL_ERROR, NULL, fmt, ap);
	va_end(ap);
	exit(exit_code);
}
