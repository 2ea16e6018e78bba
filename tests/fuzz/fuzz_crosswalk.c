/* A crosswalk as anybody may have left it: a set that is sound, or mistakes in
 * words; never both, never neither.  And records of several formats through
 * what it makes, into a stream that a receiver takes. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "check_stream.h"
#include "crosswalk/crosswalk.h"
#include "crosswalk/vocab.h"
#include "crosswalk/xwalk.h"
#include "parse/html.h"
#include "parse/page.h"
#include "tables.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

#define RECORD(metadata)                                                       \
	"<record><header><identifier>i</identifier><datestamp>2020</"          \
	"datestamp>"                                                           \
	"</header><metadata>" metadata "</metadata></record>"

/* Names that rules of seeds have, so that changed ones still meet some. */
static const char page[] =
    "<OAI-PMH "
    "xmlns='http://www.openarchives.org/OAI/2.0/'><ListRecords>" RECORD(
	"<oai_dc:dc "
	"xmlns:oai_dc='http://www.openarchives.org/OAI/2.0/oai_dc/' "
	"xmlns:dc='http://purl.org/dc/elements/1.1/' xml:lang='en'>"
	"<dc:title>T &lt;i&gt;U&lt;/i&gt;</dc:title><dc:creator>Smith, "
	"J., "
	"1950-</dc:creator><dc:date>2013-05</dc:date><dc:identifier>"
	"https://doi.org/10.1000/1</dc:identifier><dc:type "
	"scheme='coar'>c_18cf</dc:type></oai_dc:dc>")
	RECORD("<record xmlns='http://www.loc.gov/MARC21/slim'><datafield "
	       "tag='245' ind1='1'><subfield code='a'>T "
	       ":</subfield><subfield "
	       "code='b'>U /</subfield></datafield><datafield tag='700'>"
	       "<subfield code='a'>Smith, J.,</subfield><subfield "
	       "code='4'>edt"
	       "</subfield></datafield></record>")
	    RECORD("<r><a x='1' "
		   "y='2'><b>1</b><b>2</b><a><b>3<c>4</c></b></a>"
		   "</a><w><data><m><a>5</a></m></data></w><b>6; "
		   "7</b></r>") "</ListRecords></OAI-PMH>";

static void
read_page(const struct xwalk_set *walks)
{
	struct crosswalk_config config = {
	    .html_text = html_text, .walks = walks, .crosswalk = "x"};
	struct crosswalk *x = crosswalk_new(&config);
	struct page_request q = {.protocol = "oai-pmh",
	    .format = "oai_dc",
	    .ops = &crosswalk_ops,
	    .ops_arg = x};
	int body = memfd_create("page", MFD_CLOEXEC);
	int stream = memfd_create("stream", MFD_CLOEXEC);
	struct stream_writer *out = stream_writer_new(stream);

	BUG_ON(pwrite(body, page, sizeof(page) - 1, 0) !=
	       (ssize_t)sizeof(page) - 1);
	page_parse(body, &q, out);
	stream_writer_free(out);
	crosswalk_free(x);
	check_stream(stream, sizeof(page) - 1);
	close(stream);
	close(body);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const char other[] =
	    "crosswalk y\nnamespace dc http://y/\ndc:a title\n";
	struct buf texts, mistakes;
	struct xwalk_set *walks;

	if (vocab_rules() == NULL)
		vocab_use(tables_rules());
	buf_init(&texts, XWALK_PACK_BYTES);
	buf_init(&mistakes, MIB);
	xwalk_pack(&texts, "x.crosswalk", (const char *)data, n, false);
	xwalk_pack(&texts, "y.crosswalk", other, sizeof(other) - 1, false);
	walks = xwalk_compile(texts.data, texts.len, &mistakes);
	if (walks == NULL)
		BUG_ON(mistakes.len == 0 ||
		       !utf8_valid(mistakes.data, mistakes.len));
	else {
		BUG_ON(mistakes.len != 0);
		read_page(walks);
	}
	xwalk_free(walks);
	/* and as what was packed, from anywhere */
	buf_clear(&mistakes);
	xwalk_free(xwalk_compile(data, n, &mistakes));
	buf_release(&texts);
	buf_release(&mistakes);
	return 0;
}
