/*
 * What becomes of handshake messages before the core, which takes its time for each: a flood must not take that of packets.
 * Under load, as the core judges it (core/peer/load-meter.ts), only those pass whose sender has proved to be where it
 * says; to the others, as many as are worth it, the gate itself answers with a cookie (paper, section 5.3). The core's own
 * limits come after.
 */
#ifndef FLATLAND_HANDSHAKE_GATE_H
#define FLATLAND_HANDSHAKE_GATE_H

#include <stdbool.h>
#include <stdint.h>

#include "peer.h"

enum {
	MESSAGE_INITIATION = 1,
	MESSAGE_RESPONSE = 2,
	MESSAGE_COOKIE_REPLY = 3,
	MESSAGE_COOKIE_REPLY_BYTES = 64,
	COOKIE_KEY_BYTES = 32,
};

/* A bucket that fills at a rate, up to what it holds. */
struct bucket {
	double tokens;
	double filled_ms;
};

/* Made and renewed by the core (core/noise/cookie-checker.ts). */
struct cookie_keys {
	uint8_t secret[COOKIE_KEY_BYTES];   /* cookies are made with */
	uint8_t mac1_key[COOKIE_KEY_BYTES];
	uint8_t seal_key[COOKIE_KEY_BYTES]; /* replies are sealed with */
};

/* Zeroed: full buckets, no keys. The keys are guarded by the device's lock, all else is the receiving thread's. */
struct handshake_gate {
	struct bucket load;
	double loaded_until_ms;
	double told_ms;
	struct bucket by_type[MESSAGE_COOKIE_REPLY + 1];
	struct bucket proved;
	struct cookie_keys keys;
	bool has_keys;
};

enum gate_verdict {
	GATE_PASSES,
	GATE_TURNS_AWAY,
	GATE_WANTS_PROOF, /* the sender gets a cookie */
	GATE_STRANGER,	  /* the sender does not know our public key */
};

/* Judges a message that has the length of its type. */
enum gate_verdict gate_judge(struct handshake_gate *gate, const uint8_t *message, uint32_t length,
			     const struct endpoint *from, double now_ms);

/* Whether the core is to hear that there is load: now and then while there is. */
bool gate_tells_load(struct handshake_gate *gate, double now_ms);

/* Writes the cookie reply to a message that wants proof; false where the system has no randomness. */
bool gate_cookie_reply(const struct handshake_gate *gate, const uint8_t *message, uint32_t length,
		       const struct endpoint *from, uint8_t reply[MESSAGE_COOKIE_REPLY_BYTES]);

#endif
