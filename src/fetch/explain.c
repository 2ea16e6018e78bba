/* What went wrong, in the operator's words: libcurl's codes and OpenSSL's
 * verify results to a class, a sentence and a hint. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "fetch/transfer.h"

/* What OpenSSL's verification says, by the numbers of openssl-verify(1); they
 * stand here so that nothing of ours needs OpenSSL's headers. */
enum verify_result {
	VERIFY_OK = 0,
	VERIFY_NOT_ASKED = 1, /* libcurl's check of the name comes first */
	VERIFY_NO_ISSUER = 2,
	VERIFY_NOT_YET_VALID = 9,
	VERIFY_EXPIRED = 10,
	VERIFY_SELF_SIGNED = 18,
	VERIFY_UNKNOWN_ROOT = 19,
	VERIFY_NO_ISSUER_HERE = 20,
	VERIFY_LEAF_UNVERIFIED = 21,
	VERIFY_REVOKED = 23,
};

/* libcurl's own words, or its general ones where it has none. */
static const char *
detail(const struct transfer *t, CURLcode code)
{
	return t->curl_text[0] != '\0' ? t->curl_text
				       : curl_easy_strerror(code);
}

static void
explain_verify(const struct transfer *t, CURLcode code, struct err *e)
{
	long result = 0;
	const char *why;

	curl_easy_getinfo(t->easy, CURLINFO_SSL_VERIFYRESULT, &result);
	switch (result) {
	case VERIFY_EXPIRED:
		why = "has expired; the server's operator must renew it";
		break;
	case VERIFY_NOT_YET_VALID:
		why = "is not valid yet; is the clock of this machine right?";
		break;
	case VERIFY_SELF_SIGNED:
		why = "is self-signed; if it is the right one, put it in "
		      "ca_file";
		break;
	case VERIFY_UNKNOWN_ROOT:
		why = "comes from an authority that this machine does not "
		      "know; if it is the right one, put its root "
		      "certificate in ca_file";
		break;
	case VERIFY_NO_ISSUER:
	case VERIFY_NO_ISSUER_HERE:
	case VERIFY_LEAF_UNVERIFIED:
		why = "cannot be traced to a known authority: the server does "
		      "not send its intermediate certificate (put it in "
		      "ca_file), or its authority is unknown here (put its "
		      "root in ca_file)";
		break;
	case VERIFY_REVOKED:
		why = "is revoked";
		break;
	case VERIFY_OK:
	case VERIFY_NOT_ASKED:
		err_set(e, ERR_TLS, 0,
		    "the certificate of %s is not for that name: %s", t->host,
		    detail(t, code));
		return;
	default:
		why = NULL;
	}
	if (why != NULL)
		err_set(e, ERR_TLS, (int)result, "the certificate of %s %s",
		    t->host, why);
	else
		err_set(e, ERR_TLS, (int)result,
		    "the certificate of %s does not verify: %s", t->host,
		    detail(t, code));
}

static void
explain_connect(const struct transfer *t, CURLcode code, struct err *e)
{
	long os_errno = t->socket_errno;

	if (t->refused.class != ERR_NONE) {
		*e = t->refused;
		return;
	}
	if (os_errno == 0)
		curl_easy_getinfo(t->easy, CURLINFO_OS_ERRNO, &os_errno);
	err_set(e, ERR_NET, (int)os_errno, "cannot connect to %s: %s",
	    t->ask.proxy[0] != '\0' ? "the proxy" : t->host,
	    os_errno != 0 ? strerror((int)os_errno) : detail(t, code));
}

/* Where a transfer is, for what it was waiting for. */
static const char *
phase(const struct transfer *t)
{
	curl_off_t looked_up = 0, connected = 0;

	curl_easy_getinfo(t->easy, CURLINFO_NAMELOOKUP_TIME_T, &looked_up);
	curl_easy_getinfo(t->easy, CURLINFO_CONNECT_TIME_T, &connected);
	if (t->asked)
		return t->answer.status == 0	 ? "the answer's first line"
		       : t->answer.head_complete ? "the body"
						 : "the rest of the headers";
	if (connected > 0)
		return "the TLS handshake";
	return looked_up > 0 ? "the connection" : "the name to be resolved";
}

static void
explain_connect_timeout(const struct transfer *t, CURLcode code, struct err *e)
{
	char limit[32];

	(void)code;
	str_duration(limit, sizeof(limit), t->ask.connect_ms);
	err_set(e, ERR_NET, ETIMEDOUT,
	    "%s: waited %s (the timeout for connecting) for %s", t->host, limit,
	    phase(t));
}

/* "12 of 400 bytes", or "12 bytes" where nobody said how many. */
static void
print_progress(const struct transfer *t, char *out, size_t n)
{
	curl_off_t expected = -1, got = 0;

	curl_easy_getinfo(
	    t->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &expected);
	curl_easy_getinfo(t->easy, CURLINFO_SIZE_DOWNLOAD_T, &got);
	if (expected >= 0)
		snprintf(out, n, "%lld of %lld bytes", (long long)got,
		    (long long)expected);
	else
		snprintf(out, n, "%lld bytes, before its end", (long long)got);
}

static void
explain_lost(const struct transfer *t, CURLcode code, struct err *e)
{
	char progress[80];
	long proxy_status = 0;

	curl_easy_getinfo(t->easy, CURLINFO_HTTP_CONNECTCODE, &proxy_status);
	if (proxy_status >= 300) {
		err_set(e, ERR_NET, (int)proxy_status,
		    "the proxy refuses to connect to %s: status %ld", t->host,
		    proxy_status);
		return;
	}
	if (!t->answer.head_complete) {
		err_set(e, ERR_NET, 0,
		    "%s ended the connection in the middle of %s (%s)", t->host,
		    phase(t), detail(t, code));
		return;
	}
	print_progress(t, progress, sizeof(progress));
	err_set(e, ERR_NET, 0, "the body of %s ended after %s (%s)", t->host,
	    progress, detail(t, code));
}

static void
explain_memory(const struct transfer *t, CURLcode code, struct err *e)
{
	if (!t->answer.head_complete)
		err_set(e, ERR_LIMIT, 0,
		    "the server sent a header line that is too long");
	else
		err_set(e, ERR_SYSTEM, 0, "%s", detail(t, code));
}

static void
explain_plain(const struct transfer *t, CURLcode code, struct err *e)
{
	static const struct {
		CURLcode code;
		enum err_class class;
		const char *text; /* host, then libcurl's words */
	} plain[] = {
	    {CURLE_COULDNT_RESOLVE_HOST, ERR_NET,
		"the name %s cannot be resolved: there is no such name, or "
		"DNS does not answer"},
	    {CURLE_COULDNT_RESOLVE_PROXY, ERR_NET,
		"for %s: the proxy's name cannot be resolved"},
	    {CURLE_GOT_NOTHING, ERR_NET,
		"%s closed the connection without an answer"},
	    {CURLE_BAD_CONTENT_ENCODING, ERR_NET,
		"the body of %s cannot be decoded as its Content-Encoding "
		"says: %s"},
	    {CURLE_SSL_CERTPROBLEM, ERR_TLS,
		"for %s: client_cert cannot be used (it needs a certificate "
		"and its key, both PEM, without a passphrase): %s"},
	    {CURLE_SSL_CACERT_BADFILE, ERR_TLS,
		"for %s: ca_file cannot be used (it needs certificates in "
		"PEM): %s"},
	    {CURLE_SSL_CONNECT_ERROR, ERR_TLS, "no TLS with %s: %s"},
	    {CURLE_URL_MALFORMAT, ERR_POLICY, "%s: %s"},
	};

	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
		if (plain[i].code == code) {
			err_set(e, plain[i].class, 0, plain[i].text, t->host,
			    detail(t, code));
			return;
		}
	}
	err_set(e, ERR_NET, 0, "%s: %s", t->host, detail(t, code));
}

void
explain(const struct transfer *t, CURLcode code, struct err *e)
{
	static const struct {
		CURLcode code;
		void (*explain)(
		    const struct transfer *t, CURLcode code, struct err *e);
	} rules[] = {
	    {CURLE_COULDNT_CONNECT, explain_connect},
	    {CURLE_OPERATION_TIMEDOUT, explain_connect_timeout},
	    {CURLE_PEER_FAILED_VERIFICATION, explain_verify},
	    {CURLE_PARTIAL_FILE, explain_lost},
	    {CURLE_RECV_ERROR, explain_lost},
	    {CURLE_SEND_ERROR, explain_lost},
	    {CURLE_HTTP2, explain_lost},
	    {CURLE_HTTP2_STREAM, explain_lost},
	    {CURLE_OUT_OF_MEMORY, explain_memory},
	};

	if (t->err.class != ERR_NONE) {
		*e = t->err;
		return;
	}
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		if (rules[i].code == code) {
			rules[i].explain(t, code, e);
			return;
		}
	}
	explain_plain(t, code, e);
}

void
explain_stall(const struct transfer *t, struct err *e)
{
	char limit[32], progress[80];

	str_duration(limit, sizeof(limit), t->ask.stall_ms);
	print_progress(t, progress, sizeof(progress));
	err_set(e, ERR_NET, ETIMEDOUT,
	    "%s: next to nothing came for %s (the timeout for stalls) while "
	    "waiting for %s; it had sent %s",
	    t->host, limit, phase(t), progress);
}

void
explain_total(const struct transfer *t, struct err *e)
{
	char limit[32], progress[80];

	str_duration(limit, sizeof(limit), t->ask.total_ms);
	print_progress(t, progress, sizeof(progress));
	err_set(e, ERR_NET, ETIMEDOUT,
	    "%s: the answer was not complete within %s (the timeout for the "
	    "whole), still waiting for %s; it had sent %s",
	    t->host, limit, phase(t), progress);
}
