/*
 * sheafd: the daemon.  Options, the order of the start, signals, exit codes.
 *
 * It reads no XML, speaks no HTTP and no SQL: roles do.
 */
#include "bin/sheafd.h"

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/log.h"
#include "bin/config_open.h"
#include "bin/made_by.h"
#include "bin/sheafd_control.h"
#include "bin/sheafd_database.h"
#include "bin/sheafd_pages.h"
#include "bin/sheafd_place.h"
#include "bin/sheafd_progress.h"
#include "bin/sheafd_reload.h"
#include "bin/sheafd_resolving.h"
#include "bin/sheafd_roles.h"
#include "bin/sheafd_runs.h"
#include "bin/sheafd_schedule.h"
#include "bin/sheafd_sources.h"
#include "bin/sheafd_stop.h"
#include "bin/sheafd_stored.h"
#include "bin/sheafd_transfers.h"
#include "bin/sheafd_watchdog.h"

/* Exit codes of --once. */
enum { ONCE_OK = 0, ONCE_NOT_OK = 1, ONCE_COULD_NOT = 2 };

static const char usage_text[] =
    "usage: sheafd [-c FILE] [--check] [--once [--all] [SOURCE…]] "
    "[--progress]\n"
    "\n"
    "Harvests the sources of the configuration into the registry.\n"
    "\n"
    "  -c, --config=FILE  the configuration (" SHEAF_SYSCONFDIR "/sheaf.conf)\n"
    "      --check        reads the configuration, says every mistake in it, "
    "ends\n"
    "      --once         harvests what is due, then ends: 0 all went well,\n"
    "                     1 some source did not, 2 it could not run\n"
    "      --all          with --once: every source, due or not\n"
    "      --progress     shows what is going on, also where standard error "
    "is no\n"
    "                     terminal\n"
    "  -h, --help         this text\n"
    "  -V, --version      the version\n"
    "\n"
    "A running daemon is spoken to with sheafctl(8).\n";

static int
usage_mistake(const char *what)
{
	fprintf(stderr, "sheafd: %s\n  hint: sheafd --help\n", what);
	return EX_USAGE;
}

/* -1: go on; else the exit code. */
static int
read_options(struct options *o, int argc, char **argv)
{
	enum { CHECK = 256, ONCE, ALL, PROGRESS };
	static const struct option longs[] = {
	    {"config", required_argument, NULL, 'c'},
	    {"check", no_argument, NULL, CHECK},
	    {"once", no_argument, NULL, ONCE},
	    {"all", no_argument, NULL, ALL},
	    {"progress", no_argument, NULL, PROGRESS},
	    {"help", no_argument, NULL, 'h'},
	    {"version", no_argument, NULL, 'V'},
	    {NULL, 0, NULL, 0},
	};
	int c;

	o->config_path = config_default_path();
	while ((c = getopt_long(argc, argv, "c:hV", longs, NULL)) != -1) {
		switch (c) {
		case 'c':
			o->config_path = optarg;
			break;
		case CHECK:
			o->check = true;
			break;
		case ONCE:
			o->once = true;
			break;
		case ALL:
			o->all = true;
			break;
		case PROGRESS:
			o->progress = true;
			break;
		case 'h':
			fputs(usage_text, stdout);
			return EX_OK;
		case 'V':
			puts("sheafd " SHEAF_VERSION);
			return EX_OK;
		default:
			fputs("  hint: sheafd --help\n", stderr);
			return EX_USAGE;
		}
	}
	o->names = argv + optind;
	o->name_count = (size_t)(argc - optind);
	if (o->name_count > 0 && !o->once)
		return usage_mistake("sources are named with --once; a running "
				     "daemon is asked with sheafctl harvest");
	if (o->all && (!o->once || o->name_count > 0))
		return usage_mistake("--all goes with --once, and without "
				     "names of sources");
	return -1;
}

/* The configuration, and the vocabularies and crosswalks that it names. */
static struct config *
read_config(const struct options *o, int rules_fds[2])
{
	struct config *c;
	struct buf mistakes;

	buf_init(&mistakes, 1024 * 1024);
	c = config_open(o->config_path, rules_fds, &mistakes);
	if (c == NULL)
		fputs(buf_str(&mistakes), stderr);
	buf_release(&mistakes);
	return c;
}

/* What can be known to be wrong before anything is started. */
static int
check_names(const struct daemon *d)
{
	for (size_t i = 0; i < d->opt->name_count; i++) {
		const char *name = d->opt->names[i];
		const struct conf_source *s = config_source(d->config, name);
		if (s == NULL) {
			log_error(NULL, "there is no source \"%s\" in %s", name,
			    d->opt->config_path);
			return -1;
		}
		if (!protocol_is_harvested(s->protocol) || !s->enabled) {
			log_error(name, "cannot be harvested: %s",
			    s->enabled ? "protocol = none" : "enabled = no");
			return -1;
		}
	}
	return 0;
}

/* Pages travel as descriptors, several for each one in hand. */
static void
raise_limits(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		if (setrlimit(RLIMIT_NOFILE, &files) != 0)
			log_debug(NULL, "the limit of open files stays");
	}
	umask(027);
}

static void
on_child(evutil_socket_t sig, short what, void *arg)
{
	struct daemon *d = arg;

	(void)sig;
	(void)what;
	/* One by one: the cluster's children are reaped by proc/cluster.c. */
	roles_reap(d);
	database_reap(d);
	stop_kick(d);
}

static void
on_end(evutil_socket_t sig, short what, void *arg)
{
	struct daemon *d = arg;

	(void)what;
	if (d->opt->once)
		d->exit_code = ONCE_COULD_NOT;
	stop_begin(d, sig == SIGINT ? "interrupted" : "asked to end");
}

static void
on_hangup(evutil_socket_t sig, short what, void *arg)
{
	struct daemon *d = arg;
	struct buf mistakes;

	(void)sig;
	(void)what;
	if (d->stopping)
		return;
	buf_init(&mistakes, 1024 * 1024);
	reload(d, &mistakes);
	buf_release(&mistakes);
}

static const struct {
	int number;
	event_callback_fn handler;
} signals[] = {
    {SIGCHLD, on_child},
    {SIGTERM, on_end},
    {SIGINT, on_end},
    {SIGHUP, on_hangup},
};
enum { SIGNALS = sizeof(signals) / sizeof(signals[0]) };

static void
listen_to_signals(struct daemon *d, struct event *events[SIGNALS])
{
	signal(SIGPIPE, SIG_IGN);
	for (size_t i = 0; i < SIGNALS; i++) {
		events[i] = evsignal_new(
		    d->base, signals[i].number, signals[i].handler, d);
		BUG_ON(events[i] == NULL);
		event_add(events[i], NULL);
	}
}

static void
parts_init(struct daemon *d)
{
	stop_init(d);
	schedule_init(d);
	sources_init(d);
	runs_init(d);
	transfers_init(d);
	stored_init(d);
	pages_init(d);
	resolving_init(d);
	roles_init(d);
	progress_init(d);
	watchdog_init(d);
}

static void
parts_free(struct daemon *d)
{
	control_free(d);
	watchdog_free(d);
	progress_free(d);
	roles_free(d);
	runs_free(d);
	pages_free(d);
	resolving_free(d);
	stored_free(d);
	transfers_free(d);
	sources_free(d);
	schedule_free(d);
	database_free(d);
	stop_free(d);
	reload_free(d);
}

static void
find_worst(struct source *s, void *arg)
{
	int *code = arg;

	if (s->outcome[0] != '\0' && strcmp(s->outcome, "ok") != 0 &&
	    *code == ONCE_OK)
		*code = ONCE_NOT_OK;
}

static int
run(struct daemon *d)
{
	struct event *events[SIGNALS];
	struct err e = {0};

	if (place_take(d, &e) != 0) {
		log_error(NULL, "%s", e.text);
		return d->opt->once	       ? ONCE_COULD_NOT
		       : e.class == ERR_CONFIG ? EX_CONFIG
					       : EX_CANTCREAT;
	}
	d->base = event_base_new();
	BUG_ON(d->base == NULL);
	listen_to_signals(d, events);
	parts_init(d);
	if (control_init(d, &e) != 0 || database_init(d, &e) != 0) {
		log_error(NULL, "%s", e.text);
		d->exit_code = d->opt->once ? ONCE_COULD_NOT : EX_CANTCREAT;
	} else {
		event_base_dispatch(d->base);
		if (d->opt->once)
			sources_each(d, find_worst, &d->exit_code);
		progress_table(d);
	}
	parts_free(d);
	for (size_t i = 0; i < SIGNALS; i++)
		event_free(events[i]);
	event_base_free(d->base);
	place_leave(d);
	return d->exit_code;
}

int
main(int argc, char **argv)
{
	struct options opt = {0};
	struct daemon d = {.opt = &opt, .lock_fd = -1, .rules_fds = {-1, -1}};
	struct err e;
	int code;

	log_init("sheafd", LOG_LEVEL_INFO);
	code = read_options(&opt, argc, argv);
	if (code >= 0)
		return code;
	d.config = read_config(&opt, d.rules_fds);
	if (d.config == NULL)
		return opt.once ? ONCE_COULD_NOT : EX_CONFIG;
	if (opt.check) {
		printf("configuration ok: %zu agencies, %zu sources\n",
		    d.config->agency_count, d.config->source_count);
		config_free(d.config);
		return EX_OK;
	}
	int level = log_level_parse(d.config->log_level);
	if (level >= 0) {
		log_set_level((enum log_level)level);
		setenv("SHEAF_LOG_LEVEL", d.config->log_level, 1);
	}
	if (made_by_rules(d.rules, d.rules_fds, &e) != 0)
		log_fatal(EX_OSERR, "%s", e.text);
	raise_limits();
	code = check_names(&d) == 0 ? run(&d) : ONCE_COULD_NOT;
	config_free(d.config);
	return code;
}
