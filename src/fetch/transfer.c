/* The life of a transfer's memory, and what libcurl calls while it runs.
 * See fetch/transfer.h. */
#include "fetch/transfer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/date.h"
#include "base/limits.h"

enum {
	FD_PASSWORD = 1,
	FD_TOKEN = 2,
	FD_CA = 4,
	FD_CERT = 8,
};

struct transfer *
transfer_new(const char *spool_dir)
{
	struct transfer *t = xcalloc(1, sizeof(*t));

	t->easy = curl_easy_init();
	if (t->easy == NULL)
		abort(); /* no memory */
	arena_init(&t->mem, 0);
	body_init(&t->body, spool_dir);
	request_fixed(t);
	return t;
}

void
transfer_free(struct transfer *t)
{
	transfer_clear(t);
	curl_easy_cleanup(t->easy);
	body_release(&t->body);
	arena_release(&t->mem);
	free(t);
}

void
transfer_clear(struct transfer *t)
{
	struct secret *secrets[] = {&t->password, &t->token, &t->ca, &t->cert};

	for (size_t i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++)
		secret_release(secrets[i]);
	curl_slist_free_all(t->headers);
	t->headers = NULL;
	answer_clear(&t->answer);
	body_clear(&t->body);
	arena_clear(&t->mem);
	t->job = 0;
	t->url = t->host = t->moved_url = NULL;
	t->redirects = 0;
	t->started_ms = 0;
	t->all_permanent = true;
	t->plain_encoding = t->http1 = t->asked = false;
	t->peer[0] = t->curl_text[0] = '\0';
	t->wire_bytes = 0;
}

/* Every text of the request, copied: the datagram dies when we return. */
static void
copy_request(struct transfer *t, const struct msg_fetch_start *ask)
{
	const char **texts[] = {&t->ask.source, &t->ask.url, &t->ask.headers,
	    &t->ask.etag, &t->ask.last_modified, &t->ask.proxy, &t->ask.user,
	    &t->ask.ua_suffix};

	t->ask = *ask;
	t->job = ask->job;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		*texts[i] = arena_strdup(&t->mem, *texts[i]);
}

static int
read_secrets(struct transfer *t, const int *fds, size_t nfds, struct err *e)
{
	const struct {
		unsigned bit;
		struct secret *to;
		const char *what;
	} wanted[] = {
	    {FD_PASSWORD, &t->password, "password file"},
	    {FD_TOKEN, &t->token, "token file"},
	    {FD_CA, &t->ca, "ca_file"},
	    {FD_CERT, &t->cert, "client_cert"},
	};
	size_t at = 0;

	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		if (!(t->ask.fds & wanted[i].bit))
			continue;
		if (at >= nfds)
			return err_set(e, ERR_SYSTEM, 0,
			    "the request came without its %s", wanted[i].what);
		if (secret_read(wanted[i].to, fds[at++], wanted[i].what, e))
			return -1;
		if (wanted[i].bit <= FD_TOKEN)
			secret_first_line(wanted[i].to);
	}
	return 0;
}

int
transfer_begin(struct transfer *t, const struct msg_fetch_start *ask,
    const int *fds, size_t nfds, const char *user_agent, struct err *e)
{
	copy_request(t, ask);
	t->all_permanent = true;
	if (t->ask.max_body == 0)
		t->ask.max_body = LIMIT_BODY_DEFAULT;
	t->user_agent =
	    t->ask.ua_suffix[0] == '\0'
		? arena_strdup(&t->mem, user_agent)
		: arena_printf(&t->mem, "%s %s", user_agent, t->ask.ua_suffix);
	if (read_secrets(t, fds, nfds, e) != 0)
		return -1;
	if (hop_set(t, t->ask.url, e) != 0)
		return -1;
	return request_prepare(t, e);
}

uint64_t
transfer_hop_bytes(const struct transfer *t)
{
	curl_off_t body = 0;

	/* Until then libcurl's number is that of the hop before. */
	if (!t->asked)
		return 0;
	curl_easy_getinfo(t->easy, CURLINFO_SIZE_DOWNLOAD_T, &body);
	return (uint64_t)body + t->answer.head_bytes;
}
