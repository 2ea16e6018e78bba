/* Filling and prefixing errors.  Not here: logging them. */
#include "base/err.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/utf8.h"

static const char *const class_names[ERR_CLASS_COUNT] = {
    [ERR_NONE] = "NONE",
    [ERR_NET] = "NET",
    [ERR_TLS] = "TLS",
    [ERR_HTTP] = "HTTP",
    [ERR_XML] = "XML",
    [ERR_PROTO] = "PROTO",
    [ERR_LIMIT] = "LIMIT",
    [ERR_POLICY] = "POLICY",
    [ERR_DB] = "DB",
    [ERR_CANCEL] = "CANCEL",
    [ERR_CONFIG] = "CONFIG",
    [ERR_SYSTEM] = "SYSTEM",
};

/* snprintf cuts between bytes; a sequence that it cut is dropped. */
static void
end_at_boundary(char *text, size_t n)
{
	size_t valid = utf8_valid_prefix(text, n);

	/* only the end is ours: text that was broken before stays */
	if (n - valid < 4 && utf8_missing(text, n) > 0)
		text[valid] = '\0';
}

static void
set_text(struct err *e, const char *fmt, va_list ap)
{
	int n = vsnprintf(e->text, sizeof(e->text), fmt, ap);

	if (n < 0)
		e->text[0] = '\0';
	else if ((size_t)n >= sizeof(e->text))
		end_at_boundary(e->text, sizeof(e->text) - 1);
}

int
err_set(struct err *e, enum err_class class, int code, const char *fmt, ...)
{
	va_list ap;

	if (!e)
		return -1;
	e->class = class;
	e->code = code;
	va_start(ap, fmt);
	set_text(e, fmt, ap);
	va_end(ap);
	return -1;
}

int
err_sys(struct err *e, const char *fmt, ...)
{
	int code = errno;
	va_list ap;
	size_t n;

	if (!e)
		return -1;
	e->class = ERR_SYSTEM;
	e->code = code;
	va_start(ap, fmt);
	set_text(e, fmt, ap);
	va_end(ap);
	n = strlen(e->text);
	snprintf(e->text + n, sizeof(e->text) - n, ": %s", strerror(code));
	errno = code;
	return -1;
}

int
err_prefix(struct err *e, const char *fmt, ...)
{
	char old[ERR_TEXT_BYTES];
	va_list ap;
	size_t n;
	int w;

	if (!e)
		return -1;
	memcpy(old, e->text, sizeof(old));
	va_start(ap, fmt);
	set_text(e, fmt, ap);
	va_end(ap);
	n = strlen(e->text);
	w = snprintf(e->text + n, sizeof(e->text) - n, ": %s", old);
	if (w >= 0 && (size_t)w >= sizeof(e->text) - n)
		end_at_boundary(e->text, sizeof(e->text) - 1);
	return -1;
}

void
err_clear(struct err *e)
{
	if (!e)
		return;
	e->class = ERR_NONE;
	e->code = 0;
	e->text[0] = '\0';
}

const char *err_class_name(enum err_class class)
{
	if ((unsigned)class >= ERR_CLASS_COUNT)
		return "NONE";
	return class_names[class];
}

int
err_class_parse(const char *name)
{
	for (int i = 0; i < ERR_CLASS_COUNT; i++)
		if (strcmp(name, class_names[i]) == 0)
			return i;
	return -1;
}

_Noreturn void
bug_abort(const char *file, int line, const char *what)
{
	char text[256];
	int n =
	    snprintf(text, sizeof(text), "bug: %s:%d: %s\n", file, line, what);
	ssize_t w;

	if (n > (int)sizeof(text) - 1)
		n = sizeof(text) - 1;
	w = write(STDERR_FILENO, text, (size_t)n);
	(void)w;
	abort();
}
