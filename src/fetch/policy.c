/* Address policy as two tables of prefixes (the IANA special-purpose address
 * registries, RFC 6890, plus the cloud metadata addresses that lie in public
 * space) and the places where IPv6 carries an IPv4 address inside. */
#include "fetch/policy.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

struct prefix4 {
	uint32_t net;
	uint8_t bits;
	const char *what;
};

#define IP4(a, b, c, d)                                                        \
	((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 |      \
	    (uint32_t)(d))

static const struct prefix4 PREFIXES4[] = {
    {IP4(0, 0, 0, 0), 8, "an address of this network (0.0.0.0/8)"},
    {IP4(10, 0, 0, 0), 8, "a private address"},
    {IP4(100, 64, 0, 0), 10, "a shared carrier address (100.64.0.0/10)"},
    {IP4(127, 0, 0, 0), 8, "a loopback address"},
    {IP4(168, 63, 129, 16), 32, "a cloud metadata address"},
    {IP4(169, 254, 169, 254), 32, "a cloud metadata address"},
    {IP4(169, 254, 0, 0), 16, "a link-local address"},
    {IP4(172, 16, 0, 0), 12, "a private address"},
    {IP4(192, 0, 0, 0), 24, "an address of a protocol (192.0.0.0/24)"},
    {IP4(192, 0, 2, 0), 24, "a documentation address"},
    {IP4(192, 88, 99, 0), 24, "a 6to4 relay address"},
    {IP4(192, 168, 0, 0), 16, "a private address"},
    {IP4(198, 18, 0, 0), 15, "a benchmarking address"},
    {IP4(198, 51, 100, 0), 24, "a documentation address"},
    {IP4(203, 0, 113, 0), 24, "a documentation address"},
    {IP4(224, 0, 0, 0), 4, "a multicast address"},
    {IP4(255, 255, 255, 255), 32, "the broadcast address"},
    {IP4(240, 0, 0, 0), 4, "a reserved address"},
};

struct prefix6 {
	uint8_t net[16];
	uint8_t bits;
	const char *what; /* NULL: only the address inside is judged */
	int8_t inside; /* where four bytes of IPv4 are, or -1 */
	bool inverted; /* they are XORed with ones (Teredo) */
};

static const struct prefix6 PREFIXES6[] = {
    {{[15] = 0}, 128, "the unspecified address", -1, false},
    {{[15] = 1}, 128, "a loopback address", -1, false},
    {{[10] = 0xff, 0xff}, 96, NULL, 12, false}, /* IPv4-mapped */
    {{[8] = 0xff, 0xff}, 96, NULL, 12, false}, /* IPv4-translated */
    {{0}, 96, NULL, 12, false}, /* IPv4-compatible */
    {{0, 0x64, 0xff, 0x9b}, 96, NULL, 12, false}, /* NAT64, RFC 6052 */
    {{0, 0x64, 0xff, 0x9b, 0, 1}, 48, "a local NAT64 address", -1, false},
    {{0x01, 0x00}, 64, "a discard address", -1, false},
    {{0x20, 0x01, 0, 0}, 32, NULL, 12, true}, /* Teredo: the client */
    {{0x20, 0x01, 0, 0}, 32, NULL, 4, false}, /* Teredo: the server */
    {{0x20, 0x01, 0x0d, 0xb8}, 32, "a documentation address", -1, false},
    {{0x20, 0x02}, 16, NULL, 2, false}, /* 6to4 */
    {{0x3f, 0xff}, 20, "a documentation address", -1, false},
    {{0x5f, 0x00}, 16, "a segment routing address", -1, false},
    {{0xfd, 0x00, 0x0e, 0xc2, [15] = 0x54, [14] = 0x02}, 128,
	"a cloud metadata address", -1, false},
    {{0xfc}, 7, "a private address (fc00::/7)", -1, false},
    {{0xfe, 0x80}, 10, "a link-local address", -1, false},
    {{0xfe, 0xc0}, 10, "a site-local address", -1, false},
    {{0xff}, 8, "a multicast address", -1, false},
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const char *
judge4(uint32_t ip)
{
	for (size_t i = 0; i < COUNT(PREFIXES4); i++) {
		uint32_t mask = ~(uint32_t)0 << (32 - PREFIXES4[i].bits);

		if ((ip & mask) == PREFIXES4[i].net)
			return PREFIXES4[i].what;
	}
	return NULL;
}

static uint32_t
read4(const uint8_t *p)
{
	return IP4(p[0], p[1], p[2], p[3]);
}

static bool
within6(const uint8_t *ip, const struct prefix6 *p)
{
	unsigned whole = p->bits / 8, rest = p->bits % 8;

	if (memcmp(ip, p->net, whole) != 0)
		return false;
	return rest == 0 || (ip[whole] ^ p->net[whole]) >> (8 - rest) == 0;
}

static const char *
judge6(const uint8_t ip[16])
{
	const char *what;

	for (size_t i = 0; i < COUNT(PREFIXES6); i++) {
		const struct prefix6 *p = &PREFIXES6[i];

		if (!within6(ip, p))
			continue;
		if (p->inside < 0)
			return p->what;
		uint32_t inner = read4(ip + p->inside);
		what = judge4(p->inverted ? ~inner : inner);
		if (what != NULL)
			return what;
	}
	/* ISATAP, RFC 5214 6.1: any prefix, the IPv4 address in the last four
	 * bytes. */
	if ((ip[8] & ~0x02) == 0 && ip[9] == 0 && ip[10] == 0x5e &&
	    ip[11] == 0xfe)
		return judge4(read4(ip + 12));
	return NULL;
}

const char *
policy_address(const struct sockaddr *sa)
{
	if (sa->sa_family == AF_INET) {
		const struct sockaddr_in *in = (const void *)sa;

		return judge4(ntohl(in->sin_addr.s_addr));
	}
	if (sa->sa_family == AF_INET6) {
		const struct sockaddr_in6 *in6 = (const void *)sa;

		return judge6(in6->sin6_addr.s6_addr);
	}
	return "no internet address";
}

const char *
policy_text(const char *address)
{
	struct in_addr in;
	uint8_t in6[16];
	char bare[POLICY_ADDRESS_BYTES];
	size_t n = strcspn(address, "%"); /* a zone, as in fe80::1%eth0 */

	if (n >= sizeof(bare))
		return NULL;
	memcpy(bare, address, n);
	bare[n] = '\0';
	if (inet_pton(AF_INET6, bare, in6) == 1)
		return judge6(in6);
	/* inet_aton also reads 127.1, 0x7f000001 and 2130706433, as a proxy's
	 * resolver would. */
	if (inet_aton(bare, &in) != 0)
		return judge4(ntohl(in.s_addr));
	return NULL;
}

const char *
policy_host(const char *host)
{
	static const char local[] = "localhost";
	size_t n = strlen(host), m = sizeof(local) - 1;

	while (n > 0 && host[n - 1] == '.')
		n--;
	if (n >= m && strncasecmp(host + n - m, local, m) == 0 &&
	    (n == m || host[n - m - 1] == '.'))
		return "this machine";
	return policy_text(host);
}

void
policy_print(char out[POLICY_ADDRESS_BYTES], const struct sockaddr *sa)
{
	const struct sockaddr_in *in = (const void *)sa;
	const struct sockaddr_in6 *in6 = (const void *)sa;

	out[0] = '\0';
	if (sa->sa_family == AF_INET)
		inet_ntop(AF_INET, &in->sin_addr, out, POLICY_ADDRESS_BYTES);
	else if (sa->sa_family == AF_INET6)
		inet_ntop(AF_INET6, &in6->sin6_addr, out, POLICY_ADDRESS_BYTES);
}
