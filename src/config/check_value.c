/* What one value must be beyond its type: told at its own line.  Not here:
 * what depends on a second key (check.c). */
#include "config/build.h"

#include <string.h>
#include <strings.h>

#include "base/date.h"
#include "base/limits.h"
#include "base/str.h"
#include "base/url.h"
#include "record/covers.h"
#include "record/keep.h"
#include "record/trust.h"

static void
check_contact(struct conf_build *b, const char *text, struct conf_place place)
{
	const char *at = strchr(text, '@');

	if (url_is_http(text) ||
	    (at && at > text && at[1] && !strpbrk(text, " \t<>")))
		return;
	conf_mistake(b, place,
	    "contact = %s is neither an e-mail address nor a web page; "
	    "expected what an administrator can write to, such as "
	    "harvest@example.org",
	    text);
}

/* OAI-PMH 2.0, 3.3: a day, or a second in UTC. */
static void
check_date(struct conf_build *b, const char *key, const char *text,
    struct conf_place place)
{
	enum granularity g;
	int64_t us;
	size_t n = strlen(text);

	if (date_parse(text, &us, &g) == 0 &&
	    (n == 10 || (n == 20 && text[19] == 'Z')))
		return;
	conf_mistake(b, place,
	    "%s = %s is no date; expected one such as 2015-01-01 or "
	    "2015-01-01T00:00:00Z",
	    key, text);
}

static bool
is_clock(const char *s)
{
	return s[0] >= '0' && s[0] <= '2' && s[1] >= '0' && s[1] <= '9' &&
	       (s[0] < '2' || s[1] <= '3') && s[2] == ':' && s[3] >= '0' &&
	       s[3] <= '5' && s[4] >= '0' && s[4] <= '9';
}

static void
check_hours(struct conf_build *b, const char *text, struct conf_place place)
{
	if (strlen(text) == 11 && is_clock(text) && text[5] == '-' &&
	    is_clock(text + 6) && strncmp(text, text + 6, 5) != 0)
		return;
	conf_mistake(b, place,
	    "hours = %s is not understood; expected a span in UTC such as "
	    "20:00-06:00",
	    text);
}

/* RFC 9110 5.1 (token) and 5.5. */
static void
check_header(struct conf_build *b, const char *text, struct conf_place place)
{
	static const struct {
		const char *name, *instead;
	} refused[] = {
	    {"authorization", "user and password_file, or token_file"},
	    {"proxy-authorization", "proxy without a password"},
	    {"user-agent", "user_agent_suffix"},
	    {"host", "url"},
	    {"content-length", "nothing: requests have no body"},
	    {"transfer-encoding", "nothing: requests have no body"},
	    {"connection", "nothing: Sheaf keeps connections itself"},
	};
	const char *colon = strchr(text, ':');
	size_t n = colon ? (size_t)(colon - text) : 0;

	if (n == 0 || strcspn(text, " \t\"(),/;<=>?@[\\]{}") < n) {
		conf_mistake(b, place,
		    "header = %s is no request header; expected Name: value",
		    text);
		return;
	}
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		if (strlen(refused[i].name) == n &&
		    strncasecmp(refused[i].name, text, n) == 0)
			conf_mistake(b, place,
			    "header %.*s is not set here; use %s", (int)n, text,
			    refused[i].instead);
}

static void
check_proxy(struct conf_build *b, const char *text, struct conf_place place)
{
	const char *host = strstr(text, "://");

	if (!host || !host[3] ||
	    !(url_is_http(text) || str_case_starts(text, "socks5h://"))) {
		conf_mistake(b, place,
		    "proxy = %s is not understood; expected an http://, "
		    "https:// or socks5h:// URL",
		    text);
		return;
	}
	if (memchr(host + 3, '@', strcspn(host + 3, "/")))
		conf_mistake(b, place,
		    "proxy has a user or password in its URL; the "
		    "configuration is no place for secrets: expected a proxy "
		    "that admits this host without one");
}

static void
check_word(struct conf_build *b, const struct conf_key *key, const char *text,
    struct conf_place place)
{
	if (strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-._") ==
	    strlen(text))
		return;
	conf_mistake(b, place,
	    "%s = %s is no code; expected small letters, digits and -",
	    key->name, text);
}

static void
check_country(struct conf_build *b, const char *text, struct conf_place place)
{
	size_t n = strlen(text);

	if (n == 3 && (strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 3 ||
			  strspn(text, "0123456789") == 3))
		return;
	conf_mistake(b, place,
	    "country = %s is no code; expected ISO 3166-1 alpha-3 such as "
	    "KEN, or a three-digit M49 code",
	    text);
}

/* --- connection strings (libpq, "Connection Strings") ----------------------
 */

/* Reads one keyword = value, value quoted or not; false at the end or where
 * the rest makes no sense (libpq will say so). */
static bool
next_keyword(
    const char **at, const char **key, size_t *key_len, size_t *value_len)
{
	const char *p = *at + strspn(*at, " \t\n\r");
	bool quoted;

	*key = p;
	*key_len = strcspn(p, " \t=");
	p += *key_len;
	p += strspn(p, " \t");
	if (*key_len == 0 || *p != '=')
		return false;
	p++;
	p += strspn(p, " \t");
	quoted = *p == '\'';
	p += quoted;
	*value_len = 0;
	while (*p && (quoted ? *p != '\'' : !strchr(" \t", *p))) {
		p += *p == '\\' && p[1] ? 2 : 1;
		(*value_len)++;
	}
	*at = p + (quoted && *p == '\'');
	return true;
}

static bool
is_secret(const char *key, size_t n)
{
	return (n == 8 && memcmp(key, "password", 8) == 0) ||
	       (n == 11 && memcmp(key, "sslpassword", 11) == 0);
}

static bool
uri_has_secret(const char *text)
{
	const char *p = strstr(text, "://") + 3;
	size_t n = strcspn(p, "/?");
	const char *at = memchr(p, '@', n);

	if (at && memchr(p, ':', (size_t)(at - p)))
		return true;
	for (p = strchr(p, '?'); p; p = strchr(p, '&')) {
		p++;
		if (is_secret(p, strcspn(p, "=&")))
			return true;
	}
	return false;
}

static void
check_connection(
    struct conf_build *b, const char *text, struct conf_place place)
{
	const char *at = text, *key;
	size_t key_len, value_len;
	bool secret = false;

	if (str_starts(text, "postgresql://") ||
	    str_starts(text, "postgres://")) {
		secret = uri_has_secret(text);
	} else {
		while (next_keyword(&at, &key, &key_len, &value_len))
			secret |= value_len && is_secret(key, key_len);
		if (at[strspn(at, " \t")])
			conf_mistake(b, place,
			    "connection is not understood at \"%.40s\"; "
			    "expected keyword=value pairs such as "
			    "host=db.example.org dbname=registry",
			    at);
	}
	if (secret)
		conf_mistake(b, place,
		    "connection has a password; the configuration is no place "
		    "for secrets: expected store_user and "
		    "store_password_file instead");
}

static void
check_keep(struct conf_build *b, const char *text, struct conf_place place)
{
	struct keep keep;
	struct err e;

	/* What the key meant before it selected records. */
	if (strcmp(text, "current") == 0 || strcmp(text, "all") == 0)
		conf_mistake(b, place,
		    "keep = %s is no selection of records any more; expected "
		    "no line at all (page_retention decides how long raw "
		    "versions are kept)",
		    text);
	else if (keep_read(&keep, &b->config->arena, text, &e) < 0)
		conf_mistake(b, place, "keep is not understood: %s", e.text);
}

static void
check_trust(struct conf_build *b, const char *text, struct conf_place place)
{
	struct trust trust = {0};
	struct err e;

	if (trust_read(&trust, text, &e) < 0)
		conf_mistake(b, place, "trust is not understood: %s", e.text);
}

static void
check_covers(struct conf_build *b, const char *text, struct conf_place place)
{
	struct covers covers;
	struct err e;

	if (covers_read(&covers, &b->config->arena, text, &e) < 0)
		conf_mistake(b, place, "covers is not understood: %s", e.text);
}

bool
conf_check_value(struct conf_build *b, const struct conf_key *key,
    const char *text, struct conf_place place)
{
	if (!*text) {
		conf_mistake(b, place, "%s is empty; expected a value%s",
		    key->name, key->fallback ? ", or no line at all" : "");
		return false;
	}
	if (strcmp(key->name, "contact") == 0)
		check_contact(b, text, place);
	else if (strcmp(key->name, "connection") == 0)
		check_connection(b, text, place);
	else if (strcmp(key->name, "from") == 0 ||
		 strcmp(key->name, "until") == 0)
		check_date(b, key->name, text, place);
	else if (strcmp(key->name, "hours") == 0)
		check_hours(b, text, place);
	else if (strcmp(key->name, "header") == 0)
		check_header(b, text, place);
	else if (strcmp(key->name, "proxy") == 0)
		check_proxy(b, text, place);
	else if (strcmp(key->name, "keep") == 0)
		check_keep(b, text, place);
	else if (strcmp(key->name, "covers") == 0)
		check_covers(b, text, place);
	else if (strcmp(key->name, "trust") == 0)
		check_trust(b, text, place);
	else if (strcmp(key->name, "sector") == 0)
		check_word(b, key, text, place);
	else if (strcmp(key->name, "country") == 0)
		check_country(b, text, place);
	return true;
}
