/* From one hop to the next: which URL, whether it may be asked, and what it
 * may be told.  Not here: how libcurl is told (fetch/request.c). */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "fetch/transfer.h"

struct origin {
	char *scheme, *host, *port; /* libcurl's memory */
};

static void
origin_release(struct origin *o)
{
	curl_free(o->scheme);
	curl_free(o->host);
	curl_free(o->port);
}

static int
origin_read(struct origin *o, CURLU *u)
{
	*o = (struct origin){NULL, NULL, NULL};
	if (curl_url_get(u, CURLUPART_SCHEME, &o->scheme, 0) == CURLUE_OK &&
	    curl_url_get(u, CURLUPART_HOST, &o->host, 0) == CURLUE_OK &&
	    curl_url_get(u, CURLUPART_PORT, &o->port, CURLU_DEFAULT_PORT) ==
		CURLUE_OK)
		return 0;
	origin_release(o);
	return -1;
}

/* The same scheme, host and port; or the step up from http to https on their
 * own ports, which servers ask for and which shows nothing to anyone new. */
static bool
origin_same(const struct origin *a, const struct origin *b)
{
	if (strcasecmp(a->host, b->host) != 0)
		return false;
	if (strcmp(a->scheme, b->scheme) == 0)
		return strcmp(a->port, b->port) == 0;
	return strcmp(a->scheme, "http") == 0 && strcmp(a->port, "80") == 0 &&
	       strcmp(b->port, "443") == 0;
}

/* Credentials written into the configured URL are used as `user` would be;
 * those that a redirect brings are dropped. */
static void
take_userinfo(struct transfer *t, CURLU *u)
{
	char *user = NULL, *password = NULL;

	if (t->url == NULL && t->ask.user[0] == '\0' &&
	    curl_url_get(u, CURLUPART_USER, &user, CURLU_URLDECODE) ==
		CURLUE_OK) {
		t->ask.user = arena_strdup(&t->mem, user);
		if (t->password.data == NULL &&
		    curl_url_get(u, CURLUPART_PASSWORD, &password,
			CURLU_URLDECODE) == CURLUE_OK) {
			t->password.data = xstrdup(password);
			t->password.len = strlen(password);
		}
	}
	curl_free(user);
	curl_free(password);
	curl_url_set(u, CURLUPART_USER, NULL, 0);
	curl_url_set(u, CURLUPART_PASSWORD, NULL, 0);
}

/* The host as people write it: IPv6 without brackets and zone. */
static const char *
bare_host(struct transfer *t, const char *host)
{
	size_t n = strlen(host);

	if (host[0] != '[' || n < 3)
		return arena_strdup(&t->mem, host);
	return arena_strndup(&t->mem, host + 1, n - 2);
}

static int
judge_host(const struct transfer *t, struct err *e)
{
	const char *what;

	if (t->ask.allow_private)
		return 0;
	what = policy_host(t->host);
	if (what == NULL)
		return 0;
	return err_set(e, ERR_POLICY, 0,
	    "%s is %s; if that is meant, the source needs "
	    "allow_private = yes (sheafctl check: --allow-private)",
	    t->host, what);
}

static bool
is_trusted(const struct transfer *t, const struct origin *here)
{
	struct origin first;
	CURLU *u = curl_url();
	bool same = u != NULL &&
		    curl_url_set(u, CURLUPART_URL, t->ask.url,
			CURLU_URLENCODE) == CURLUE_OK &&
		    origin_read(&first, u) == 0;

	if (same) {
		same = origin_same(&first, here);
		origin_release(&first);
	}
	curl_url_cleanup(u);
	return same;
}

static int
hop_read(struct transfer *t, CURLU *u, struct err *e)
{
	struct origin here;
	char *text = NULL;
	int rc = -1;

	if (origin_read(&here, u) != 0)
		return err_set(e, ERR_POLICY, 0, "the URL has no host");
	take_userinfo(t, u);
	curl_url_set(u, CURLUPART_FRAGMENT, NULL, 0);
	if (curl_url_get(u, CURLUPART_URL, &text, 0) != CURLUE_OK) {
		err_set(e, ERR_POLICY, 0, "the URL cannot be written");
	} else if (!utf8_valid(text, strlen(text))) {
		err_set(e, ERR_POLICY, 0, "the URL's host is no text");
	} else if (strlen(text) > LIMIT_URL_BYTES) {
		err_set(e, ERR_LIMIT, 0, "the URL is longer than %zu bytes",
		    LIMIT_URL_BYTES);
	} else {
		t->url = arena_strdup(&t->mem, text);
		t->host = bare_host(t, here.host);
		t->trusted = is_trusted(t, &here);
		rc = judge_host(t, e);
	}
	curl_free(text);
	origin_release(&here);
	return rc;
}

/* Splits `url`, relative to the hop at hand unless it is the first one. */
static CURLU *
split(const struct transfer *t, const char *url)
{
	const unsigned how = CURLU_URLENCODE | CURLU_NON_SUPPORT_SCHEME;
	CURLU *u = curl_url();

	if (u == NULL)
		abort();
	if ((t->url == NULL ||
		curl_url_set(u, CURLUPART_URL, t->url, 0) == CURLUE_OK) &&
	    curl_url_set(u, CURLUPART_URL, url, how) == CURLUE_OK)
		return u;
	curl_url_cleanup(u);
	return NULL;
}

static bool
is_http(CURLU *u)
{
	char *scheme = NULL;
	bool is;

	is = curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
	     (strcmp(scheme, "http") == 0 || strcmp(scheme, "https") == 0);
	curl_free(scheme);
	return is;
}

int
hop_set(struct transfer *t, const char *url, struct err *e)
{
	CURLU *u = split(t, url);
	int rc;

	if (u == NULL)
		return err_set(e, ERR_POLICY, 0,
		    "this is no http or https URL: %.200s", url);
	if (is_http(u))
		rc = hop_read(t, u, e);
	else
		rc = err_set(e, ERR_POLICY, 0,
		    "only http and https are spoken, not %.200s", url);
	curl_url_cleanup(u);
	return rc;
}

int
hop_follow(struct transfer *t, struct err *e)
{
	unsigned status = t->answer.status;

	if (!answer_is_redirect(&t->answer))
		return 0;
	if (t->redirects >= LIMIT_REDIRECTS)
		return err_set(e, ERR_LIMIT, 0,
		    "more than %u redirects, the last one from %.200s",
		    LIMIT_REDIRECTS, t->url);
	if (hop_set(t, answer_get(&t->answer, ANSWER_LOCATION), e) != 0)
		return err_prefix(e, "redirected");
	t->wire_bytes += transfer_hop_bytes(t);
	t->redirects++;
	t->all_permanent &= status == 301 || status == 308;
	if (t->all_permanent)
		t->moved_url = t->url;
	return request_prepare(t, e) == 0 ? 1 : -1;
}

bool
hop_plainer(struct transfer *t, CURLcode code)
{
	struct err e;

	if (code == CURLE_BAD_CONTENT_ENCODING && !t->plain_encoding)
		t->plain_encoding = true;
	else if ((code == CURLE_HTTP2 || code == CURLE_HTTP2_STREAM) &&
		 !t->http1)
		t->http1 = true;
	else
		return false;
	t->wire_bytes += transfer_hop_bytes(t);
	return request_prepare(t, &e) == 0;
}
