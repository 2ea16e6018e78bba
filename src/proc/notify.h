/*
 * sd_notify(3) without libsystemd: the service manager is told when sheafd is
 * ready, reloads, stops, and that it lives.
 *
 * Without a manager (no NOTIFY_SOCKET) every call does nothing.  A message
 * that the manager does not take is lost; nothing ever blocks or fails.
 */
#ifndef SHEAF_PROC_NOTIFY_H
#define SHEAF_PROC_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>

/* Reads NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID and takes them out of
 * the environment, so that no child speaks for sheafd.  Call once, early. */
void notify_init(void);
void notify_end(void); /* closes; further calls do nothing */
bool notify_active(void);

/* READY=1, also after a reload, and STATUS when status is not NULL. */
void notify_ready(const char *status);
/* RELOADING=1 with MONOTONIC_USEC, as Type=notify-reload wants it; then
 * notify_ready. */
void notify_reloading(void);
void notify_stopping(const char *status);
/* The line that `systemctl status` shows. */
void notify_status(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Asks for more time to start or stop. */
void notify_extend_timeout_ms(uint64_t ms);

/* How often to call notify_watchdog: half of WatchdogSec, or 0 when the
 * manager does not watch this process. */
uint64_t notify_watchdog_interval_ms(void);
void notify_watchdog(void);

#endif
