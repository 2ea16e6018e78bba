#include "bin/made_by.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "crosswalk/xwalk.h"

static int
add_file(struct hash128_state *h, int fd, bool is_crosswalks, struct err *e)
{
	struct stat st;
	int rc = 0;
	void *p;

	if (fstat(fd, &st) != 0 || st.st_size <= 0)
		return err_set(
		    e, ERR_SYSTEM, 0, "tables or crosswalks are empty");
	p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		return err_sys(e, "tables or crosswalks cannot be mapped");
	/* Where crosswalks lie makes no content another one. */
	if (is_crosswalks)
		rc = xwalk_digest(h, p, (size_t)st.st_size);
	else
		hash128_add(h, p, (size_t)st.st_size);
	munmap(p, (size_t)st.st_size);
	return rc == 0 ? 0
		       : err_set(e, ERR_SYSTEM, 0, "the crosswalks are broken");
}

int
made_by_rules(uint8_t out[HASH128_BYTES], const int rules_fds[2], struct err *e)
{
	struct hash128_state *h = hash128_new();
	int rc = add_file(h, rules_fds[0], false, e);

	if (rc == 0)
		rc = add_file(h, rules_fds[1], true, e);
	hash128_end(h, out);
	hash128_free(h);
	return rc;
}

void
made_by(uint8_t out[HASH128_BYTES], const uint8_t rules[HASH128_BYTES],
    const struct conf_source *c)
{
	/* What tell_parser() hands over beside the page. */
	const char *const parts[] = {
	    SHEAF_VERSION, c->url, c->kind, c->licence, c->crosswalk};
	struct hash128_state *h = hash128_new();

	hash128_add(h, rules, HASH128_BYTES);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		const char *part = parts[i] != NULL ? parts[i] : "";

		hash128_add(h, part, strlen(part) + 1);
	}
	hash128_end(h, out);
	hash128_free(h);
}

void
made_by_text(
    char out[2 * HASH128_BYTES + 1], const uint8_t digest[HASH128_BYTES])
{
	for (size_t i = 0; i < HASH128_BYTES; i++)
		snprintf(out + 2 * i, 3, "%02x", digest[i]);
}
