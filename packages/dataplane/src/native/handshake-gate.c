#include "handshake-gate.h"

#include <netinet/in.h>
#include <openssl/crypto.h>
#include <string.h>

#include "primitives.h"

/* Messages of a kind that reach the core in a second. */
static const double PER_SECOND[] = {
	[MESSAGE_INITIATION] = 6000,
	[MESSAGE_RESPONSE] = 5000,
	[MESSAGE_COOKIE_REPLY] = 2000,
};
enum { PROVED_PER_SECOND = 4000, BURST_MS = 100 };

static bool take(struct bucket *bucket, double per_second, double now_ms)
{
	double capacity = per_second * BURST_MS / 1000;
	double tokens = bucket->tokens + (now_ms - bucket->filled_ms) * per_second / 1000;

	bucket->filled_ms = now_ms;
	bucket->tokens = tokens > capacity || tokens < 0 ? capacity : tokens;
	if (bucket->tokens < 1)
		return false;
	bucket->tokens -= 1;
	return true;
}

/* Address and port as a cookie is bound to them (core/peer/udp-endpoint.ts). */
static size_t endpoint_bytes(const struct endpoint *from, uint8_t *bytes)
{
	bool is_v4 = from->to.any.sa_family == AF_INET;
	size_t length = is_v4 ? sizeof(struct in_addr) : sizeof(struct in6_addr);

	if (is_v4)
		memcpy(bytes, &from->to.v4.sin_addr, length);
	else
		memcpy(bytes, &from->to.v6.sin6_addr, length);
	memcpy(bytes + length, is_v4 ? &from->to.v4.sin_port : &from->to.v6.sin6_port, sizeof(in_port_t));
	return length + sizeof(in_port_t);
}

/* Whether mac2 is that of the cookie which the sender's address and port have (paper, section 5.4.4). */
static bool has_cookie(const struct handshake_gate *gate, const uint8_t *message, uint32_t length, const struct endpoint *from)
{
	static const uint8_t NONE[MAC_BYTES];
	uint8_t place[sizeof(struct in6_addr) + sizeof(in_port_t)];
	uint8_t cookie[MAC_BYTES], mac[MAC_BYTES];
	const uint8_t *mac2 = message + length - MAC_BYTES;

	return gate->has_secret && memcmp(mac2, NONE, MAC_BYTES) != 0 &&
	       blake2s_mac(gate->secret, COOKIE_SECRET_BYTES, place, endpoint_bytes(from, place), cookie) &&
	       blake2s_mac(cookie, MAC_BYTES, message, length - MAC_BYTES, mac) &&
	       CRYPTO_memcmp(mac, mac2, MAC_BYTES) == 0;
}

bool gate_admits(struct handshake_gate *gate, const uint8_t *message, uint32_t length, const struct endpoint *from,
		 double now_ms)
{
	uint8_t type = message[0];

	if (take(&gate->by_type[type], PER_SECOND[type], now_ms))
		return true;
	return type != MESSAGE_COOKIE_REPLY && has_cookie(gate, message, length, from) &&
	       take(&gate->proved, PROVED_PER_SECOND, now_ms);
}
