/* Which addresses the fetcher may be led to: a table of those that it may
 * not, in every disguise, and of public ones that it must not refuse. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <sys/un.h>

#include "fetch/policy.h"

static const char *const REFUSED[] = {
    /* IPv4, both ends of each range */
    "0.0.0.0", "0.255.255.255", "10.0.0.0", "10.255.255.255", "100.64.0.0",
    "100.100.100.200", "100.127.255.255", "127.0.0.1", "127.255.255.255",
    "168.63.129.16", "169.254.0.0", "169.254.169.254", "169.254.170.2",
    "169.254.255.255", "172.16.0.0", "172.31.255.255", "192.0.0.1",
    "192.0.0.192", "192.0.2.1", "192.88.99.1", "192.168.0.0", "192.168.255.255",
    "198.18.0.0", "198.19.255.255", "198.51.100.7", "203.0.113.7", "224.0.0.1",
    "239.255.255.255", "240.0.0.1", "255.255.255.255",
    /* IPv6 */
    "::", "::1", "100::1", "fc00::1", "fd00:ec2::254", "fdff:ffff::1",
    "fe80::1", "febf::1", "fec0::1", "ff02::1", "2001:db8::1", "3fff::1",
    "5f00::1", "64:ff9b:1::1",
    /* IPv4 inside IPv6: mapped, translated, compatible, NAT64, 6to4 */
    "::ffff:127.0.0.1", "::ffff:10.1.2.3", "::ffff:169.254.169.254",
    "::ffff:0:192.168.1.1", "::127.0.0.1", "::a00:1", "64:ff9b::7f00:1",
    "64:ff9b::169.254.169.254", "2002:7f00:1::", "2002:a00:1::1",
    "2002:a9fe:a9fe::1",
    /* Teredo: client 127.0.0.1 (inverted), then server 10.0.0.1 */
    "2001:0:4136:e378:8000:63bf:80ff:fffe", "2001:0:a00:1::3fff:fdd2",
    /* ISATAP with 192.168.0.1 */
    "2a00:1450::5efe:192.168.0.1", "2a00:1450::200:5efe:192.168.0.1"};

static const char *const PUBLIC[] = {"1.1.1.1", "8.8.8.8", "9.255.255.255",
    "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.1",
    "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0",
    "192.0.1.0", "192.167.255.255", "192.169.0.0", "198.17.255.255",
    "198.20.0.0", "223.255.255.255", "2606:4700:4700::1111",
    "2001:4860:4860::8888", "::ffff:8.8.8.8", "64:ff9b::808:808",
    "2002:808:808::1", "2001:0:4136:e378:8000:63bf:f7f7:f7f7",
    "2a00:1450::5efe:8.8.8.8"};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const char *
judge(const char *text)
{
	struct sockaddr_in in = {.sin_family = AF_INET};
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};

	if (inet_pton(AF_INET, text, &in.sin_addr) == 1)
		return policy_address((struct sockaddr *)&in);
	assert_int_equal(inet_pton(AF_INET6, text, &in6.sin6_addr), 1);
	return policy_address((struct sockaddr *)&in6);
}

static void
refused_addresses(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(REFUSED); i++) {
		if (judge(REFUSED[i]) == NULL)
			fail_msg("%s passes", REFUSED[i]);
		assert_non_null(policy_text(REFUSED[i]));
		assert_non_null(policy_host(REFUSED[i]));
	}
}

static void
public_addresses(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(PUBLIC); i++) {
		if (judge(PUBLIC[i]) != NULL)
			fail_msg("%s: %s", PUBLIC[i], judge(PUBLIC[i]));
		assert_null(policy_text(PUBLIC[i]));
	}
}

static void
other_families(void **state)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};

	(void)state;
	assert_non_null(policy_address((struct sockaddr *)&un));
}

static void
hosts(void **state)
{
	static const char *const refused[] = {"localhost", "LOCALHOST",
	    "localhost.", "a.localhost", "a.b.LocalHost..", "127.1",
	    "2130706433", "0x7f000001", "0177.0.0.1", "10.1", "fe80::1%eth0",
	    "fe80::1%25eth0"};
	static const char *const names[] = {"example.org", "notlocalhost",
	    "localhost.example.org", "", "10.example", "8.8.8.8"};

	(void)state;
	for (size_t i = 0; i < COUNT(refused); i++) {
		if (policy_host(refused[i]) == NULL)
			fail_msg("%s passes", refused[i]);
	}
	for (size_t i = 0; i < COUNT(names); i++)
		assert_null(policy_host(names[i]));
}

static void
named_as_what_they_are(void **state)
{
	(void)state;
	assert_string_equal(
	    judge("169.254.169.254"), "a cloud metadata address");
	assert_string_equal(judge("::ffff:127.0.0.1"), "a loopback address");
	assert_string_equal(judge("169.254.1.1"), "a link-local address");
	assert_string_equal(judge("fd00:ec2::254"), "a cloud metadata address");
	assert_string_equal(judge("255.255.255.255"), "the broadcast address");
}

static void
printed(void **state)
{
	struct sockaddr_in in = {.sin_family = AF_INET};
	char text[POLICY_ADDRESS_BYTES];

	(void)state;
	in.sin_addr.s_addr = htonl(0x0a000001);
	policy_print(text, (struct sockaddr *)&in);
	assert_string_equal(text, "10.0.0.1");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(refused_addresses),
	    cmocka_unit_test(public_addresses),
	    cmocka_unit_test(other_families),
	    cmocka_unit_test(hosts),
	    cmocka_unit_test(named_as_what_they_are),
	    cmocka_unit_test(printed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
