/* A page or a static repository as a stranger sends it, through sniffing,
 * repair, cutting, libxml2 and the crosswalk, and back through the reader of
 * the stream. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/limits.h"
#include "crosswalk/crosswalk.h"
#include "crosswalk/vocab.h"
#include "parse/html.h"
#include "parse/page.h"
#include "check_stream.h"
#include "tables.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct crosswalk_config config = {
	    .html_text = html_text, .walks = tables_walks()};
	struct crosswalk *x = crosswalk_new(&config);
	bool is_static = memmem(data, n, "Repository", 10) != NULL;
	struct page_request q = {
	    .protocol = is_static ? "oai-static" : "oai-pmh",
	    .format = is_static && n % 2 ? "qdc" : NULL,
	    .from = "2001-01-01",
	    .set = "a",
	    .ops = &crosswalk_ops,
	    .ops_arg = x};
	int body = memfd_create("page", MFD_CLOEXEC);
	int out = memfd_create("stream", MFD_CLOEXEC);
	struct stream_writer *w = stream_writer_new(out);

	if (vocab_rules() == NULL)
		vocab_use(tables_rules());
	BUG_ON(body < 0 || out < 0);
	BUG_ON(write(body, data, n) != (ssize_t)n);
	page_parse(body, &q, w);
	stream_writer_free(w);
	crosswalk_free(x);
	check_stream(out, n);
	close(body);
	close(out);
	return 0;
}
