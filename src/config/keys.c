/*
 * Every key that a configuration may have, in one table.
 *
 * The manual sheaf.conf(5), the sample conf/sheaf.conf and this table say the
 * same; tests/meta/options compares them.  Not here: how a text becomes a
 * value (value.c), and what depends on several keys (check.c).
 */
#include "config/build.h"

#include <string.h>

#include "base/str.h"
#include "record/words.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum {
	SECOND_MS = 1000,
	HOUR_MS = 3600 * SECOND_MS,
	DAY_MS = 24 * HOUR_MS,
};
#define YEARS_MS(n) ((int64_t)(n)*366 * DAY_MS)

/* clang-format off */
#define DAEMON(key, kind, value, field, ...) \
	{ .section = "daemon", .name = key, .type = kind, .fallback = value, \
	  .offset = offsetof(struct config, field), __VA_ARGS__ }
#define DATABASE(key, kind, value, field, ...) \
	{ .section = "database", .name = key, .type = kind, .fallback = value, \
	  .offset = offsetof(struct config, field), __VA_ARGS__ }
#define AGENCY(key, kind, value, field, ...) \
	{ .section = "agency", .name = key, .type = kind, .fallback = value, \
	  .offset = offsetof(struct conf_agency, field), __VA_ARGS__ }
#define SOURCE(key, kind, value, field, ...) \
	{ .section = "source", .name = key, .type = kind, .fallback = value, \
	  .offset = offsetof(struct conf_source, field), __VA_ARGS__ }
#define SET(key, kind, value, field, ...) \
	{ .section = "set", .name = key, .type = kind, .fallback = value, \
	  .offset = offsetof(struct conf_set, field), __VA_ARGS__ }
#define BETWEEN(low, high) .min = (low), .max = (high)

static const struct conf_key keys[] = {
DAEMON("contact", CONF_STRING, NULL, contact,
	.meaning = "E-mail address or web page of whoever runs this harvester; it goes into the User-Agent."),
DAEMON("user_agent", CONF_STRING, "", user_agent,
	.meaning = "The whole User-Agent, in place of the one made from version and contact."),
DAEMON("state_dir", CONF_PATH, "/var/lib/sheaf", state_dir,
	.meaning = "Directory of what must survive: the node's id and the embedded database."),
DAEMON("run_dir", CONF_PATH, "/run/sheaf", run_dir,
	.meaning = "Directory of the control socket."),
DAEMON("user", CONF_STRING, "", user,
	.meaning = "User to become when started by root; left out, the user stays."),
DAEMON("node", CONF_STRING, "", node,
	.meaning = "Name of this daemon among those that share a registry; left out, the host's name."),
DAEMON("vocab_dir", CONF_PATH, "", vocab_dir, .live = true,
	.meaning = "Directory of the vocabularies' tables, all of its files *.tsv; left out, the one that was installed."),
DAEMON("crosswalk_dir", CONF_PATH, "", crosswalk_dir, .live = true,
	.meaning = "Directory of the crosswalks, all of its files *.crosswalk; left out, the one that was installed."),
DAEMON("resolve", CONF_BOOL, "yes", resolve,
	.meaning = "Whether this daemon also recognises duplicates; of several that share a registry one is enough. What it does not resolve waits in the database."),
DAEMON("log_level", CONF_WORD, "info", log_level, .words = "error warn info debug",
	.meaning = "How much is logged."),
DAEMON("parsers", CONF_UINT, "2", parsers, BETWEEN(1, 64),
	.meaning = "Pages that are read at the same time, each by a process of its own."),
DAEMON("max_transfers", CONF_UINT, "64", max_transfers, BETWEEN(1, 4096),
	.meaning = "Transfers under way at the same time, over all hosts."),
DAEMON("max_runs", CONF_UINT, "64", max_runs, BETWEEN(1, 10000), .live = true,
	.meaning = "Sources that are harvested at the same time."),
DAEMON("stop_timeout", CONF_DURATION, "20s", stop_timeout_ms, BETWEEN(0, HOUR_MS), .live = true,
	.meaning = "How long a stop may take to finish the pages in hand; what takes longer is dropped and asked for again."),
DAEMON("lease", CONF_DURATION, "60s", lease_ms, BETWEEN(SECOND_MS, HOUR_MS),
	.meaning = "How long this daemon's hold on a host is believed while nothing is heard of it; then another that shares the registry goes on."),
DAEMON("run_retention", CONF_DAYS, "90d", run_retention_days, BETWEEN(0, 36500),
	.meaning = "How long the rows of finished runs are kept; 0 keeps them for ever."),
DAEMON("page_retention", CONF_DAYS, "35d", page_retention_days, BETWEEN(0, 36500),
	.meaning = "How long page rows and superseded raw bytes are kept; 0 keeps them for ever."),
DAEMON("change_retention", CONF_DAYS, "90d", change_retention_days, BETWEEN(0, 36500),
	.meaning = "How long portals may go on from where they were in registry.change; what became of an entry that is gone stays for ever. 0 keeps for ever at least the last change of each entry."),
DAEMON("history_retention", CONF_DAYS, "730d", history_retention_days, BETWEEN(0, 36500),
	.meaning = "How long it is kept what an entry said before it changed; 0 keeps it for ever, at most a hundred versions of an entry."),

DATABASE("embedded", CONF_BOOL, "no", embedded,
	.meaning = "Run a private PostgreSQL under state_dir, on a Unix socket only."),
DATABASE("connection", CONF_STRING, "", connection,
	.meaning = "The libpq connection string of a PostgreSQL server, without passwords; its own user serves sheafctl init alone."),
DATABASE("pg_bindir", CONF_PATH, SHEAF_PG_BINDIR, pg_bindir,
	.meaning = "Directory of initdb and postgres, for embedded = yes."),
DATABASE("store_user", CONF_STRING, "sheaf_store", store_user,
	.meaning = "Database role that writes records."),
DATABASE("store_password_file", CONF_FILE, "", store_password_file,
	.meaning = "File with the password of store_user."),
DATABASE("resolve_user", CONF_STRING, "sheaf_resolve", resolve_user,
	.meaning = "Database role that writes entries and matches."),
DATABASE("resolve_password_file", CONF_FILE, "", resolve_password_file,
	.meaning = "File with the password of resolve_user."),
DATABASE("serve_user", CONF_STRING, "sheaf_reader", serve_user,
	.meaning = "Database role that the web pages read the registry with."),
DATABASE("serve_password_file", CONF_FILE, "", serve_password_file,
	.meaning = "File with the password of serve_user."),
DATABASE("reader_user", CONF_STRING, "sheaf_reader", reader_user,
	.meaning = "Database role that may only read the registry, for portals."),
DATABASE("reader_password_file", CONF_FILE, "", reader_password_file,
	.meaning = "File with the password of reader_user."),
DATABASE("reader_timeout", CONF_DURATION, "30s", reader_timeout_ms, BETWEEN(0, 24 * HOUR_MS),
	.meaning = "How long a statement of reader_user or serve_user may take; 0: any time. sheafctl init sets it."),
DATABASE("reader_idle_timeout", CONF_DURATION, "1m", reader_idle_timeout_ms, BETWEEN(0, 24 * HOUR_MS),
	.meaning = "How long reader_user or serve_user may leave a transaction open and do nothing; 0: any time. sheafctl init sets it."),
DATABASE("operator_user", CONF_STRING, "sheaf_operator", operator_user,
	.meaning = "Database role that sheafctl reads with: the registry, and what is behind it."),
DATABASE("operator_password_file", CONF_FILE, "", operator_password_file,
	.meaning = "File with the password of operator_user."),

AGENCY("name", CONF_STRING, NULL, name,
	.meaning = "Name of the agency as people read it."),
AGENCY("homepage", CONF_URL, "", homepage,
	.meaning = "The agency's own web page."),
AGENCY("organisation_id", CONF_STRING, "", organisation_id,
	.meaning = "IATI organisation identifier, such as XM-DAC-44000."),
AGENCY("trust", CONF_STRING, "", trust,
	.meaning = "The same as trust of its sources, which say where they differ."),

SOURCE("agency", CONF_STRING, NULL, agency,
	.meaning = "Code of the agency that runs the source."),
SOURCE("protocol", CONF_CHOICE, "oai-pmh", protocol, .words = "oai-pmh feed oai-static none",
	.meaning = "How the source is harvested; none declares a platform that exists but is not harvested."),
SOURCE("url", CONF_STRING, "", url,
	.meaning = "Base URL; of a feed or a static repository its address, of the latter also a file on disk: file:///path."),
SOURCE("enabled", CONF_BOOL, "yes", enabled,
	.meaning = "Whether the source is harvested on its schedule."),
SOURCE("format", CONF_STRING, "", format,
	.meaning = "metadataPrefix, or a namespace or schema by which the prefix is found; left out, the best one that the server offers."),
SOURCE("sets", CONF_LIST, "", sets,
	.meaning = "The setSpecs to harvest, with white space between them; left out, everything."),
SOURCE("crosswalk", CONF_STRING, "", crosswalk,
	.meaning = "The crosswalk that its metadata is read by; left out, the one that fits the metadata."),
SOURCE("keep", CONF_STRING, "", keep,
	.meaning = "Which records are wanted, by kind, type, language and subject, such as kind:publication, language:en; the others are counted as filtered. Left out, all."),
SOURCE("from", CONF_STRING, "", from,
	.meaning = "Harvest nothing with a datestamp before this, such as 2015-01-01."),
SOURCE("until", CONF_STRING, "", until,
	.meaning = "Harvest nothing with a datestamp after this."),
SOURCE("interval", CONF_DURATION, "24h", interval_ms, BETWEEN(SECOND_MS, YEARS_MS(1)),
	.meaning = "Time between two harvests; of a feed the longest, since it is asked as often as it changes."),
SOURCE("interval_min", CONF_DURATION, "15m", interval_min_ms, BETWEEN(SECOND_MS, YEARS_MS(1)),
	.meaning = "Shortest time between two polls of a feed."),
SOURCE("page_param", CONF_STRING, "", page_param,
	.meaning = "Argument by which a feed's older pages are asked for, such as paged; left out, only what the feed links to is followed."),
SOURCE("page_first", CONF_UINT, "2", page_first, BETWEEN(0, 1000),
	.meaning = "What page_param is for the second page: 2 where pages are counted from 1, 1 where they are counted from 0."),
SOURCE("hours", CONF_STRING, "", hours,
	.meaning = "Hours of the day in which runs may begin, in UTC, such as 20:00-06:00; left out, any."),
SOURCE("overlap", CONF_DURATION, "48h", overlap_ms, BETWEEN(0, YEARS_MS(100)),
	.meaning = "How far an incremental harvest reaches back before the last one, since servers index late."),
SOURCE("complete", CONF_DURATION, "30d", complete_ms, BETWEEN(0, YEARS_MS(10)),
	.meaning = "Time between two comparisons with the whole list of identifiers; 0 never compares."),
SOURCE("grace", CONF_DURATION, "14d", grace_ms, BETWEEN(0, YEARS_MS(10)),
	.meaning = "How long a record may be missing from complete lists before it is taken as deleted."),
SOURCE("window", CONF_CHOICE, "auto", window, .words = "auto none year month day hour",
	.meaning = "Spans of dates in which a list is asked for; auto begins without and narrows when deep paging fails."),
SOURCE("verb_mode", CONF_CHOICE, "auto", verb_mode, .words = "auto records identifiers",
	.meaning = "Harvest by ListRecords (records), by ListIdentifiers and GetRecord (identifiers), or as the server turns out to need (auto)."),
SOURCE("delay", CONF_DURATION, "0", delay_ms, BETWEEN(0, HOUR_MS),
	.meaning = "Pause between two requests to the host; the longest of its sources holds."),
SOURCE("concurrency", CONF_UINT, "2", concurrency, BETWEEN(1, 256),
	.meaning = "Requests to the host at the same time; the smallest of its sources holds."),
SOURCE("tries", CONF_UINT, "4", tries, BETWEEN(1, 20),
	.meaning = "How often a request is tried in a run before it counts as failed."),
SOURCE("retry_delay", CONF_DURATION, "5s", retry_delay_ms, BETWEEN(1, HOUR_MS),
	.meaning = "The longest wait before the second try; each further one may wait five times as long, two minutes at most."),
SOURCE("retry_after_min", CONF_DURATION, "0", retry_after_min_ms, BETWEEN(0, DAY_MS),
	.meaning = "The least to wait when the server says Retry-After."),
SOURCE("retry_after_max", CONF_DURATION, "1d", retry_after_max_ms, BETWEEN(SECOND_MS, YEARS_MS(1)),
	.meaning = "The most to wait when the server says Retry-After."),
SOURCE("connect_timeout", CONF_DURATION, "30s", connect_timeout_ms, BETWEEN(1, HOUR_MS),
	.meaning = "How long a connection may take to be made."),
SOURCE("stall_timeout", CONF_DURATION, "60s", stall_timeout_ms, BETWEEN(1, HOUR_MS),
	.meaning = "How long an answer may bring nothing."),
SOURCE("timeout", CONF_DURATION, "30m", timeout_ms, BETWEEN(1, DAY_MS),
	.meaning = "How long one request may take in all."),
SOURCE("max_body", CONF_BYTES, "1G", max_body, BETWEEN(1024, (int64_t)1 << 40),
	.meaning = "The largest answer that is taken, decoded."),
SOURCE("max_change", CONF_SHARE, "50 %", max_change,
	.meaning = "Share of the source's records that a run may change before it is held for an operator; 100 % never holds."),
SOURCE("max_delete", CONF_SHARE, "10 %", max_delete,
	.meaning = "Share of the source's records (and at least 5) that a run may delete before it is held for an operator; 100 % never holds."),
SOURCE("kind", CONF_WORD, "", kind, .words = WORDS_KIND,
	.meaning = "Kind of a record where the data does not say, such as publication."),
SOURCE("licence", CONF_STRING, "", licence,
	.meaning = "Licence of the metadata, as a URL or an SPDX identifier."),
SOURCE("credit", CONF_STRING, "", credit,
	.meaning = "Credit line that portals show beside the source's records."),
SOURCE("homepage", CONF_URL, "", homepage,
	.meaning = "Web page of the platform."),
SOURCE("covers", CONF_STRING, "", covers,
	.meaning = "What the source could fill, so that its silence can be told from a gap: terms such as kind:technology-offer, family:offer, sector:water, country:002; an axis that is not named is covered as a whole. Left out, the source's kind, or everything."),
SOURCE("contacts", CONF_BOOL, "no", contacts,
	.meaning = "Whether e-mail addresses and telephone numbers of persons may be published: with entries in names, affiliations and links, and in records as their source wrote them (registry.raw). What titles, abstracts and other texts say is published as it is."),
SOURCE("trust", CONF_STRING, "", trust,
	.meaning = "How far the source's values win over those of others in an entry: a number from -10 to 10, or others for single fields, such as \"2, title = 5, abstract = -1\"; 0 where nothing is said. Fields: title, abstract, kind, status, issued, starts, ends, deadline, publisher, url, image_url, rights_url, access, trl_min, trl_max, languages, countries, sectors, sdgs, agents, identifiers, links, subjects, dates, rights."),
SOURCE("curated", CONF_WORD, "auto", curated, .words = "auto yes no",
	.meaning = "Whether the source holds each thing once, so that two of its records are two things; auto: estimated from the data, see registry.source_status."),
SOURCE("expire", CONF_DURATION, "0", expire_ms, BETWEEN(0, YEARS_MS(100)),
	.meaning = "Age at which its records count as ended in the registry, by the newer of issued and datestamp, else by when they were seen first; 0 never. Without effect on harvesting."),
SOURCE("allow_private", CONF_BOOL, "no", allow_private,
	.meaning = "Whether the URL may lead to loopback, private, link-local or metadata addresses."),
SOURCE("proxy", CONF_STRING, "", proxy,
	.meaning = "Proxy to go through: an http, https or socks5h URL."),
SOURCE("ca_file", CONF_FILE, "", ca_file,
	.meaning = "File of the certificates to trust for this source, in PEM, in place of the system's."),
SOURCE("client_cert", CONF_FILE, "", client_cert,
	.meaning = "File of a client certificate and its key, in PEM."),
SOURCE("user", CONF_STRING, "", user,
	.meaning = "User for HTTP basic authentication; its password stands in password_file."),
SOURCE("password_file", CONF_FILE, "", password_file,
	.meaning = "File with the password of user."),
SOURCE("token_file", CONF_FILE, "", token_file,
	.meaning = "File with a bearer token, in place of user and password."),
SOURCE("header", CONF_STRING, "", headers, .repeat = true,
	.meaning = "A further request header, Name: value; may be given several times."),
SOURCE("user_agent_suffix", CONF_STRING, "", user_agent_suffix,
	.meaning = "Added to the User-Agent for this source, where its server asks for a word."),
SOURCE("was", CONF_STRING, "", was,
	.meaning = "Former name of the source, so that its records stay its own."),

SET("agency", CONF_STRING, "", agency,
	.meaning = "Agency of the set's records, in place of the source's."),
SET("kind", CONF_WORD, "", kind, .words = WORDS_KIND,
	.meaning = "Kind of the set's records where the data does not say."),
SET("sector", CONF_STRING, "", sector,
	.meaning = "Sector of the set's records where the data does not say."),
SET("country", CONF_STRING, "", country,
	.meaning = "Country of the set's records where the data does not say, as ISO 3166-1 alpha-3."),
};
/* clang-format on */

static const char *const sections[] = {
    "daemon",
    "database",
    "agency",
    "source",
    "set",
};

const struct conf_key *
config_keys(size_t *count)
{
	*count = COUNT(keys);
	return keys;
}

const struct conf_key *
conf_key_find(const char *section, const char *name, size_t *index)
{
	for (size_t i = 0; i < COUNT(keys); i++)
		if (strcmp(keys[i].name, name) == 0 &&
		    strcmp(keys[i].section, section) == 0) {
			*index = i;
			return &keys[i];
		}
	return NULL;
}

const char *
conf_key_nearest(const char *section, const char *name)
{
	struct str_guess g = str_guess(name);

	for (size_t i = 0; i < COUNT(keys); i++)
		if (strcmp(keys[i].section, section) == 0)
			str_guess_try(&g, keys[i].name);
	return g.found;
}

const char *
conf_section_nearest(const char *name)
{
	struct str_guess g = str_guess(name);

	for (size_t i = 0; i < COUNT(sections); i++)
		str_guess_try(&g, sections[i]);
	return g.found;
}

const char *
conf_type_name(enum conf_type type)
{
	static const char *const names[] = {
	    [CONF_STRING] = "text",
	    [CONF_BOOL] = "yes or no",
	    [CONF_UINT] = "number",
	    [CONF_DURATION] = "duration",
	    [CONF_DAYS] = "duration",
	    [CONF_BYTES] = "size",
	    [CONF_SHARE] = "share",
	    [CONF_LIST] = "list",
	    [CONF_FILE] = "file",
	    [CONF_PATH] = "path",
	    [CONF_URL] = "URL",
	    [CONF_WORD] = "word",
	    [CONF_CHOICE] = "word",
	};

	return names[type];
}

const char *
protocol_name(enum protocol p)
{
	static const char *const names[] = {
	    [PROTOCOL_OAI_PMH] = "oai-pmh",
	    [PROTOCOL_FEED] = "feed",
	    [PROTOCOL_OAI_STATIC] = "oai-static",
	    [PROTOCOL_NONE] = "none",
	};

	return names[p];
}

bool
protocol_is_harvested(enum protocol p)
{
	return p != PROTOCOL_NONE;
}

bool
protocol_is_polled(enum protocol p)
{
	return p == PROTOCOL_FEED || p == PROTOCOL_OAI_STATIC;
}

const char *
window_name(enum window w)
{
	static const char *const names[] = {
	    [WINDOW_AUTO] = "auto",
	    [WINDOW_NONE] = "none",
	    [WINDOW_YEAR] = "year",
	    [WINDOW_MONTH] = "month",
	    [WINDOW_DAY] = "day",
	    [WINDOW_HOUR] = "hour",
	};

	return names[w];
}
