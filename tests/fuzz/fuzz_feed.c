/* A feed as a stranger sends it, through encodings, cutting, mending, libxml2
 * and the crosswalk, and back through the reader of the stream. */
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/limits.h"
#include "crosswalk/crosswalk.h"
#include "crosswalk/feed.h"
#include "crosswalk/vocab.h"
#include "parse/feed_page.h"
#include "parse/html.h"
#include "check_stream.h"
#include "tables.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const char *const bases[] = {"guid", "link", "digest"};
	static const char *const types[] = {NULL, "application/atom+xml",
	    "text/xml; charset=windows-1252", "text/html; charset=utf-8"};
	/* The size decides what is said of the page from outside. */
	struct crosswalk_config config = {.html_text = html_text,
	    .walks = tables_walks(),
	    .base_url = "http://a.example/b/",
	    .identity = bases[n % 3]};
	struct crosswalk *x = crosswalk_new(&config);
	struct feed_request q = {.ops = &crosswalk_feed_ops,
	    .ops_arg = x,
	    .base_url = config.base_url,
	    .content_type = types[n / 3 % 4]};
	int body = memfd_create("page", MFD_CLOEXEC);
	int out = memfd_create("stream", MFD_CLOEXEC);
	struct stream_writer *w = stream_writer_new(out);

	if (vocab_rules() == NULL)
		vocab_use(tables_rules());
	BUG_ON(body < 0 || out < 0);
	BUG_ON(write(body, data, n) != (ssize_t)n);
	feed_parse(body, &q, w);
	stream_writer_free(w);
	crosswalk_free(x);
	check_stream(out, n);
	close(body);
	close(out);
	return 0;
}
