/* What libcurl is told about a hop, and what it asks us while it runs. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/limits.h"
#include "fetch/transfer.h"

/* Every option here is one that this libcurl has, with a value that it takes:
 * a refusal is lack of memory or a bug. */
#define SET(t, option, value)                                                  \
	do {                                                                   \
		if (curl_easy_setopt((t)->easy, (option), (value)) !=          \
		    CURLE_OK)                                                  \
			abort();                                               \
	} while (0)

static bool
uses_proxy(const struct transfer *t)
{
	return t->ask.proxy[0] != '\0';
}

static void
refuse_address(
    struct transfer *t, struct err *e, const char *address, const char *what)
{
	err_set(e, ERR_POLICY, 0,
	    "%s is at %s, %s; if that is meant, the source needs "
	    "allow_private = yes (sheafctl check: --allow-private)",
	    t->host, address, what);
}

/* The address policy, asked about the very address that would be connected
 * to.  A refused address is skipped, as one that does not answer is: another
 * one of the same name may be public. */
static curl_socket_t
on_open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *a)
{
	struct transfer *t = arg;
	char text[POLICY_ADDRESS_BYTES];
	const char *what;
	int fd;

	(void)purpose;
	if (!t->ask.allow_private && !uses_proxy(t)) {
		what = policy_address(&a->addr);
		if (what != NULL) {
			policy_print(text, &a->addr);
			refuse_address(t, &t->refused, text, what);
			return CURL_SOCKET_BAD;
		}
	}
	fd = socket(a->family, a->socktype | SOCK_CLOEXEC, a->protocol);
	if (fd < 0)
		t->socket_errno = errno;
	return fd;
}

/* Asked again before the request is written, since the connection may be one
 * that another source, with allow_private, has opened. */
static int
on_request(void *arg, char *address, char *local, int port, int local_port)
{
	struct transfer *t = arg;
	const char *what;

	(void)local;
	(void)local_port;
	t->asked = true;
	snprintf(t->peer, sizeof(t->peer),
	    strchr(address, ':') ? "[%.60s]:%d" : "%.60s:%d", address, port);
	if (t->ask.allow_private || uses_proxy(t))
		return CURL_PREREQFUNC_OK;
	what = policy_text(address);
	if (what == NULL)
		return CURL_PREREQFUNC_OK;
	refuse_address(t, &t->err, address, what);
	return CURL_PREREQFUNC_ABORT;
}

static int
too_long(struct transfer *t)
{
	return err_set(&t->err, ERR_LIMIT, 0,
	    "the body is longer than max_body (%llu bytes)",
	    (unsigned long long)t->ask.max_body);
}

static int
decide_use(struct transfer *t)
{
	curl_off_t announced = -1;

	if (answer_is_redirect(&t->answer)) {
		t->use = BODY_DROP;
		return 0;
	}
	if (t->answer.status >= 400) {
		t->use = BODY_OF_ERROR;
		return 0;
	}
	t->use = BODY_KEEP;
	curl_easy_getinfo(
	    t->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &announced);
	return announced > 0 && (uint64_t)announced > t->ask.max_body
		   ? too_long(t)
		   : 0;
}

/* A body may grow in decoding, but not without end. */
static int
check_ratio(struct transfer *t)
{
	uint64_t wire;

	if (t->body.bytes <= MIB)
		return 0;
	wire = transfer_hop_bytes(t);
	if (t->body.bytes / LIMIT_DECODE_RATIO <= wire)
		return 0;
	return err_set(&t->err, ERR_LIMIT, 0,
	    "%llu bytes on the wire grew to more than %llu in decoding: a "
	    "decompression bomb",
	    (unsigned long long)wire, (unsigned long long)t->body.bytes);
}

static size_t
on_header(char *p, size_t size, size_t n, void *arg)
{
	struct transfer *t = arg;

	n *= size;
	return answer_line(&t->answer, p, n, &t->err) == 0 ? n : 0;
}

static size_t
on_body(char *p, size_t size, size_t n, void *arg)
{
	struct transfer *t = arg;
	uint64_t max = t->ask.max_body;

	n *= size;
	if (t->use == BODY_UNDECIDED && decide_use(t) != 0)
		return 0;
	if (t->use == BODY_DROP) {
		t->dropped_bytes += n;
		t->cut = t->dropped_bytes > LIMIT_REDIRECT_BODY;
		return t->cut ? 0 : n;
	}
	if (t->use == BODY_OF_ERROR) {
		if (max > LIMIT_ERROR_BODY)
			max = LIMIT_ERROR_BODY;
		t->cut = n > max - t->body.bytes;
		if (t->cut)
			n = (size_t)(max - t->body.bytes);
	} else if (n > max - t->body.bytes) {
		too_long(t);
		return 0;
	}
	if (body_add(&t->body, p, n, &t->err) != 0 || check_ratio(t) != 0)
		return 0;
	return t->cut ? 0 : n;
}

void
request_fixed(struct transfer *t)
{
	SET(t, CURLOPT_PRIVATE, (void *)t);
	SET(t, CURLOPT_ERRORBUFFER, t->curl_text);
	SET(t, CURLOPT_NOSIGNAL, 1L);
	SET(t, CURLOPT_NOPROGRESS, 1L);
	SET(t, CURLOPT_PROTOCOLS_STR, "http,https");
	SET(t, CURLOPT_FOLLOWLOCATION, 0L);
	SET(t, CURLOPT_SSL_VERIFYPEER, 1L);
	SET(t, CURLOPT_SSL_VERIFYHOST, 2L);
	SET(t, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	SET(t, CURLOPT_NOPROXY, "");
	SET(t, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	SET(t, CURLOPT_TCP_KEEPALIVE, 1L);
	SET(t, CURLOPT_TCP_NODELAY, 1L);
	SET(t, CURLOPT_BUFFERSIZE, 65536L);
	/* A transfer that ends while its name is being looked up does not wait
	 * for the resolver: everybody else would wait with it. */
	SET(t, CURLOPT_QUICK_EXIT, 1L);
	SET(t, CURLOPT_SSLCERTTYPE, "PEM");
	SET(t, CURLOPT_SSLKEYTYPE, "PEM");
	SET(t, CURLOPT_OPENSOCKETFUNCTION, on_open_socket);
	SET(t, CURLOPT_OPENSOCKETDATA, (void *)t);
	SET(t, CURLOPT_PREREQFUNCTION, on_request);
	SET(t, CURLOPT_PREREQDATA, (void *)t);
	SET(t, CURLOPT_HEADERFUNCTION, on_header);
	SET(t, CURLOPT_HEADERDATA, (void *)t);
	SET(t, CURLOPT_WRITEFUNCTION, on_body);
	SET(t, CURLOPT_WRITEDATA, (void *)t);
}

static void
set_blob(struct transfer *t, CURLoption option, const struct secret *s)
{
	struct curl_blob blob = {s->data, s->len, CURL_BLOB_NOCOPY};

	SET(t, option, s->data == NULL ? NULL : &blob);
}

/* ca_file adds to the system's authorities: libcurl reads its default
 * directory beside the blob.  Without one the default bundle is used alone,
 * since libcurl keeps it parsed only then. */
static void
set_tls(struct transfer *t)
{
	static const struct secret none = {NULL, 0};
	const curl_version_info_data *v = curl_version_info(CURLVERSION_NOW);
	const struct secret *cert = t->trusted ? &t->cert : &none;

	set_blob(t, CURLOPT_CAINFO_BLOB, &t->ca);
	SET(t, CURLOPT_CAPATH,
	    t->ca.data == NULL && v->cainfo != NULL ? NULL : v->capath);
	set_blob(t, CURLOPT_SSLCERT_BLOB, cert);
	set_blob(t, CURLOPT_SSLKEY_BLOB, cert);
}

static void
add_header(struct transfer *t, const char *line)
{
	struct curl_slist *grown = curl_slist_append(t->headers, line);

	if (grown == NULL)
		abort();
	t->headers = grown;
}

static void
set_headers(struct transfer *t)
{
	char *lines, *line;

	curl_slist_free_all(t->headers);
	t->headers = NULL;
	if (t->ask.etag[0] != '\0')
		add_header(
		    t, arena_printf(&t->mem, "If-None-Match: %s", t->ask.etag));
	if (t->ask.last_modified[0] != '\0')
		add_header(t, arena_printf(&t->mem, "If-Modified-Since: %s",
				  t->ask.last_modified));
	if (t->trusted && t->token.data != NULL)
		add_header(t, arena_printf(&t->mem, "Authorization: Bearer %s",
				  t->token.data));
	if (t->trusted) {
		lines = arena_strdup(&t->mem, t->ask.headers);
		while ((line = strsep(&lines, "\n")) != NULL) {
			line[strcspn(line, "\r")] = '\0';
			if (line[0] != '\0')
				add_header(t, line);
		}
	}
	SET(t, CURLOPT_HTTPHEADER, t->headers);
}

static void
set_credentials(struct transfer *t)
{
	bool basic =
	    t->trusted && t->ask.user[0] != '\0' && t->token.data == NULL;

	SET(t, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
	SET(t, CURLOPT_USERNAME, basic ? t->ask.user : NULL);
	SET(t, CURLOPT_PASSWORD,
	    !basic	       ? NULL
	    : t->password.data ? t->password.data
			       : "");
}

int
request_prepare(struct transfer *t, struct err *e)
{
	answer_clear(&t->answer);
	body_clear(&t->body);
	t->use = BODY_UNDECIDED;
	t->cut = t->asked = false;
	t->dropped_bytes = 0;
	t->socket_errno = 0;
	t->progress_bytes = 0;
	t->curl_text[0] = '\0';
	err_clear(&t->err);
	err_clear(&t->refused);
	SET(t, CURLOPT_URL, t->url);
	/* A proxy of the operator's may be one that libcurl cannot read. */
	if (curl_easy_setopt(t->easy, CURLOPT_PROXY, t->ask.proxy) != CURLE_OK)
		return err_set(e, ERR_CONFIG, 0, "proxy is not understood");
	SET(t, CURLOPT_USERAGENT, t->user_agent);
	SET(t, CURLOPT_CONNECTTIMEOUT_MS, (long)t->ask.connect_ms);
	SET(t, CURLOPT_HTTP_VERSION,
	    (long)(t->http1 ? CURL_HTTP_VERSION_1_1 : CURL_HTTP_VERSION_2TLS));
	/* "" stands for everything that this libcurl can decode. */
	SET(t, CURLOPT_ACCEPT_ENCODING, t->plain_encoding ? NULL : "");
	set_tls(t);
	set_headers(t);
	set_credentials(t);
	return 0;
}
