/*
 * Reload.  Runs keep the configuration that they were begun with, so an old
 * one lives until the last of them has ended.
 */
#include "bin/sheafd_reload.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "base/log.h"
#include "bin/config_open.h"
#include "bin/made_by.h"
#include "bin/sheafd_resolving.h"
#include "bin/sheafd_roles.h"
#include "bin/sheafd_runs.h"
#include "bin/sheafd_schedule.h"
#include "bin/sheafd_sources.h"
#include "bin/sheafd_stored.h"
#include "bin/sheafd_transfers.h"
#include "proc/notify.h"

/* An old configuration that runs still hold; there is almost never one. */
struct old_config {
	struct old_config *next;
	struct config *config;
};

static void
forget_unused(struct daemon *d, bool all)
{
	struct old_config **at = &d->old_configs;

	while (*at != NULL) {
		struct old_config *old = *at;
		if (!all && runs_use(d, old->config)) {
			at = &old->next;
			continue;
		}
		*at = old->next;
		config_free(old->config);
		free(old);
	}
}

void
reload_run_ended(struct daemon *d)
{
	if (d->old_configs != NULL)
		forget_unused(d, false);
}

void
reload_free(struct daemon *d)
{
	forget_unused(d, true);
}

static void
take(struct daemon *d, struct config *fresh, const int rules_fds[2])
{
	struct old_config *old = xcalloc(1, sizeof(*old));
	int level = log_level_parse(fresh->log_level);
	uint8_t was[HASH128_BYTES];
	struct err e;

	old->config = d->config;
	old->next = d->old_configs;
	d->old_configs = old;
	d->config = fresh;
	if (level >= 0)
		log_set_level((enum log_level)level);
	for (int i = 0; i < 2; i++) {
		close(d->rules_fds[i]);
		d->rules_fds[i] = rules_fds[i];
	}
	memcpy(was, d->rules, sizeof(was));
	if (made_by_rules(d->rules, rules_fds, &e) != 0)
		log_error(NULL, "%s", e.text);
	if (memcmp(was, d->rules, sizeof(was)) != 0)
		stored_rules_changed(d);
	roles_tell_rules(d);
	transfers_reload(d);
	sources_reload(d, old->config);
	if (roles_store_ready(d))
		sources_tell(d);
	resolving_tell(d);
	forget_unused(d, false);
	schedule_kick(d);
}

static void
tell_lines(const char *mistakes)
{
	size_t n;

	for (; *mistakes != '\0'; mistakes += n + (mistakes[n] != '\0')) {
		n = strcspn(mistakes, "\n");
		log_error(NULL, "%.*s", (int)n, mistakes);
	}
}

int
reload(struct daemon *d, struct buf *mistakes)
{
	struct config *fresh;
	struct buf why;
	int rules_fds[2];

	notify_reloading();
	fresh = config_open(d->opt->config_path, rules_fds, mistakes);
	if (fresh == NULL) {
		log_error(NULL,
		    "the new configuration is refused and the old one stays:");
		tell_lines(buf_str(mistakes));
		notify_ready(NULL);
		return -1;
	}
	buf_init(&why, 16 * KIB);
	if (config_needs_restart(d->config, fresh, &why)) {
		log_warn(
		    NULL, "a restart is needed for this: %s", buf_str(&why));
		buf_printf(mistakes, "a restart is needed for this: %s\n",
		    buf_str(&why));
	}
	buf_release(&why);
	take(d, fresh, rules_fds);
	log_info(NULL, "reloaded: %zu agencies, %zu sources",
	    fresh->agency_count, fresh->source_count);
	notify_ready(NULL);
	return 0;
}
