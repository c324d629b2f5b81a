#include "handshake-gate.h"

#include <netinet/in.h>
#include <openssl/crypto.h>
#include <string.h>
#include <sys/random.h>

#include "primitives.h"

/* Messages of a kind that are looked at in a second. */
static const double PER_SECOND[] = {
	[MESSAGE_INITIATION] = 6000,
	[MESSAGE_RESPONSE] = 5000,
	[MESSAGE_COOKIE_REPLY] = 2000,
};
static const double PROVED_PER_SECOND = 4000;
/* A bucket holds so much of a second's messages. */
static const double BURST = 0.1;
/* What makes load (core/noise/constants.ts), and how often the core hears of it: before it forgets. */
static const double HANDSHAKES_PER_SECOND = 256, UNDER_LOAD_BACKLOG = 128, UNDER_LOAD_STICKY_MS = 1000, TELL_MS = 400;

static bool take(struct bucket *bucket, double per_second, double capacity, double now_ms)
{
	double tokens = bucket->tokens + (now_ms - bucket->filled_ms) * per_second / 1000;

	bucket->filled_ms = now_ms;
	bucket->tokens = tokens > capacity || tokens < 0 ? capacity : tokens;
	if (bucket->tokens < 1)
		return false;
	bucket->tokens -= 1;
	return true;
}

static bool take_burst(struct bucket *bucket, double per_second, double now_ms)
{
	return take(bucket, per_second, per_second * BURST, now_ms);
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

/* The cookie of an address and port. */
static bool make_cookie(const struct handshake_gate *gate, const struct endpoint *from, uint8_t *cookie)
{
	uint8_t place[sizeof(struct in6_addr) + sizeof(in_port_t)];

	return blake2s_mac(gate->keys.secret, COOKIE_KEY_BYTES, place, endpoint_bytes(from, place), cookie);
}

/* Whether the 16 bytes before `end` are the MAC of what is before them. */
static bool has_mac(const uint8_t *key, size_t key_length, const uint8_t *message, size_t end)
{
	uint8_t mac[MAC_BYTES];
	size_t length = end - MAC_BYTES;

	return blake2s_mac(key, key_length, message, length, mac) &&
	       CRYPTO_memcmp(mac, message + length, MAC_BYTES) == 0;
}

/* Whether mac2 is that of the cookie which the sender's address and port have (paper, section 5.4.4). */
static bool has_cookie(const struct handshake_gate *gate, const uint8_t *message, uint32_t length, const struct endpoint *from)
{
	static const uint8_t NONE[MAC_BYTES];
	uint8_t cookie[MAC_BYTES];

	return memcmp(message + length - MAC_BYTES, NONE, MAC_BYTES) != 0 &&
	       make_cookie(gate, from, cookie) && has_mac(cookie, MAC_BYTES, message, length);
}

static bool is_loaded(struct handshake_gate *gate, double now_ms)
{
	if (!take(&gate->load, HANDSHAKES_PER_SECOND, UNDER_LOAD_BACKLOG, now_ms))
		gate->loaded_until_ms = now_ms + UNDER_LOAD_STICKY_MS;
	return now_ms < gate->loaded_until_ms;
}

enum gate_verdict gate_judge(struct handshake_gate *gate, const uint8_t *message, uint32_t length,
			     const struct endpoint *from, double now_ms)
{
	uint8_t type = message[0];
	struct bucket *bucket = &gate->by_type[type];

	if (type == MESSAGE_COOKIE_REPLY || !is_loaded(gate, now_ms) || !gate->has_keys)
		return take_burst(bucket, PER_SECOND[type], now_ms) ? GATE_PASSES : GATE_TURNS_AWAY;
	if (has_cookie(gate, message, length, from))
		return take_burst(&gate->proved, PROVED_PER_SECOND, now_ms) ? GATE_PASSES : GATE_TURNS_AWAY;
	if (!take_burst(bucket, PER_SECOND[type], now_ms))
		return GATE_TURNS_AWAY;
	return has_mac(gate->keys.mac1_key, COOKIE_KEY_BYTES, message, length - MAC_BYTES) ? GATE_WANTS_PROOF
											   : GATE_STRANGER;
}

bool gate_tells_load(struct handshake_gate *gate, double now_ms)
{
	if (now_ms >= gate->loaded_until_ms || now_ms - gate->told_ms < TELL_MS)
		return false;
	gate->told_ms = now_ms;
	return true;
}

bool gate_cookie_reply(const struct handshake_gate *gate, const uint8_t *message, uint32_t length,
		       const struct endpoint *from, uint8_t reply[MESSAGE_COOKIE_REPLY_BYTES])
{
	enum { SENDER_OFFSET = 4, NONCE_OFFSET = 8, SEALED_OFFSET = NONCE_OFFSET + XNONCE_BYTES };
	uint8_t cookie[MAC_BYTES];
	uint8_t *nonce = reply + NONCE_OFFSET;

	memset(reply, 0, SENDER_OFFSET);
	reply[0] = MESSAGE_COOKIE_REPLY;
	memcpy(reply + SENDER_OFFSET, message + SENDER_OFFSET, NONCE_OFFSET - SENDER_OFFSET);
	return getrandom(nonce, XNONCE_BYTES, 0) == XNONCE_BYTES && make_cookie(gate, from, cookie) &&
	       xchacha20_poly1305_seal(gate->keys.seal_key, nonce, cookie, sizeof(cookie),
				       message + length - 2 * MAC_BYTES, MAC_BYTES, reply + SEALED_OFFSET);
}
