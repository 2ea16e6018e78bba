/*
 * One line a message on standard error, for the journal or a terminal.
 *
 * With SHEAF_LOG_SYSTEMD (JOURNAL_STREAM set) each line begins with <N>, the
 * syslog priority; else with a UTC time when standard error is no terminal.
 * Every line names the role and, where there is one, the source it is about:
 *
 *	sheaf-fetch: wb-okr: HTTP: 503 from https://…; asks again in 60 s
 *
 * All text is escaped on the way out: control characters, terminal escapes
 * and broken UTF-8 appear as \xNN, so a stranger's bytes cannot forge a line.
 */
#ifndef SHEAF_BASE_LOG_H
#define SHEAF_BASE_LOG_H

#include <stdarg.h>

enum log_level {
	LOG_LEVEL_ERROR,
	LOG_LEVEL_WARN,
	LOG_LEVEL_INFO,
	LOG_LEVEL_DEBUG
};

/* `name` is kept, not copied: the role's or program's name. */
void log_init(const char *name, enum log_level level);
void log_set_level(enum log_level level);
enum log_level log_get_level(void);
/* "error", "warn", "info", "debug" to a level, or -1. */
int log_level_parse(const char *name);

/* `about` is a source's name or NULL. */
void log_msg(enum log_level level, const char *about, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void log_vmsg(enum log_level level, const char *about, const char *fmt,
    va_list ap) __attribute__((format(printf, 3, 0)));

#define log_error(about, ...) log_msg(LOG_LEVEL_ERROR, (about), __VA_ARGS__)
#define log_warn(about, ...)  log_msg(LOG_LEVEL_WARN, (about), __VA_ARGS__)
#define log_info(about, ...)  log_msg(LOG_LEVEL_INFO, (about), __VA_ARGS__)
#define log_debug(about, ...) log_msg(LOG_LEVEL_DEBUG, (about), __VA_ARGS__)

/* Logs and exits with a code of sysexits.h. */
_Noreturn void log_fatal(int exit_code, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
