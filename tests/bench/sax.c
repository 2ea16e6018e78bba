/* The floor of a crosswalk: libxml2 reads the file by its push parser and
 * tells nobody.  Prints the CPU time in microseconds.
 *
 *	sax FILE
 */
#include <libxml/parser.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static void
on_start(void *arg, const xmlChar *name, const xmlChar *prefix,
    const xmlChar *uri, int ns_count, const xmlChar **ns, int att_count,
    int defaulted, const xmlChar **atts)
{
	(void)arg, (void)name, (void)prefix, (void)uri, (void)ns_count;
	(void)ns, (void)att_count, (void)defaulted, (void)atts;
}

static void
on_end(
    void *arg, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
	(void)arg, (void)name, (void)prefix, (void)uri;
}

static void
on_text(void *arg, const xmlChar *text, int n)
{
	(void)arg, (void)text, (void)n;
}

int
main(int argc, char **argv)
{
	static xmlSAXHandler sax = {.initialized = XML_SAX2_MAGIC,
	    .startElementNs = on_start,
	    .endElementNs = on_end,
	    .characters = on_text};
	static char chunk[64 * 1024];
	FILE *f = argc == 2 ? fopen(argv[1], "r") : NULL;
	xmlParserCtxtPtr parser;
	size_t n;

	if (f == NULL)
		return 1;
	parser = xmlCreatePushParserCtxt(&sax, NULL, NULL, 0, NULL);
	while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0)
		xmlParseChunk(parser, chunk, (int)n, 0);
	n = (size_t)xmlParseChunk(parser, NULL, 0, 1);
	xmlFreeParserCtxt(parser);
	fclose(f);
	printf("%.0f\n", (double)clock() * 1e6 / CLOCKS_PER_SEC);
	return n == 0 ? 0 : 1;
}
