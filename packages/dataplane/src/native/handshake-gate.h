/*
 * How many handshake messages reach the core. It takes its time for each, and a flood must not take that of packets:
 * what is more than a device can want is dropped here, unless its sender has proved to be where it says (paper, section
 * 5.3). The core's own limits come after.
 */
#ifndef FLATLAND_HANDSHAKE_GATE_H
#define FLATLAND_HANDSHAKE_GATE_H

#include <stdbool.h>
#include <stdint.h>

#include "peer.h"

enum { MESSAGE_INITIATION = 1, MESSAGE_RESPONSE = 2, MESSAGE_COOKIE_REPLY = 3, COOKIE_SECRET_BYTES = 32 };

/* A bucket that holds a tenth of a second's messages. */
struct bucket {
	double tokens;
	double filled_ms;
};

/* Zeroed: full buckets, no secret. Buckets are the receiving thread's, the secret is guarded by the device's lock. */
struct handshake_gate {
	struct bucket by_type[MESSAGE_COOKIE_REPLY + 1];
	struct bucket proved;
	uint8_t secret[COOKIE_SECRET_BYTES];
	bool has_secret;
};

/* Whether a message that has the length of its type may go on. */
bool gate_admits(struct handshake_gate *gate, const uint8_t *message, uint32_t length, const struct endpoint *from,
		 double now_ms);

#endif
