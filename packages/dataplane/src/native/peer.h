/* What the packet path knows of a peer and its sessions. Handshakes and timers are the protocol core's. */
#ifndef FLATLAND_PEER_H
#define FLATLAND_PEER_H

#include <netinet/in.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "aead.h"
#include "replay.h"

#define REJECT_AFTER_MESSAGES (UINT64_MAX - (UINT64_C(1) << 13))
#define REKEY_AFTER_MESSAGES (UINT64_C(1) << 60)
enum {
	REKEY_AFTER_TIME_MS = 120000,
	REJECT_AFTER_TIME_MS = 180000,
	KEEPALIVE_TIMEOUT_MS = 10000,
	REKEY_TIMEOUT_MS = 5000,
	/* How often the core is told again that a session should be renewed. */
	REKEY_WISH_INTERVAL_MS = 100,
};

/* Reasons of `core/drop-reason.ts` that the packet path gives; `addon.c` has their names. */
enum drop_reason {
	DROP_MALFORMED_MESSAGE,
	DROP_UNKNOWN_INDEX,
	DROP_SESSION_EXPIRED,
	DROP_AUTHENTICATION_FAILED,
	DROP_REPLAYED,
	DROP_INNER_MALFORMED,
	DROP_SOURCE_NOT_ALLOWED,
	DROP_SEND_FAILED,
	DROP_STAGED_OVERFLOW,
	DROP_UNDER_LOAD,
	DROP_ECN_INVALID,
	DROP_DEVICE_NOT_READY,
	DROP_MAC1_INVALID,
	DROP_REASONS,
};

/* Where a peer is, and from which of our addresses it is answered. */
struct endpoint {
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} to; /* family AF_UNSPEC: not known */
	union {
		struct in_addr v4;
		struct in6_addr v6;
	} source;
	bool has_source;
};

struct keypair;

struct peer {
	uint32_t id;
	/* Session that sends; read by the sending thread, set by the core or by the receiving thread. */
	struct keypair *_Atomic sending;
	atomic_flag endpoint_lock;
	struct endpoint endpoint;
	_Atomic uint32_t path_mtu;  /* largest inner packet; 0: the device's */
	_Atomic uint32_t gso_limit; /* datagrams as long as this go singly; 0: none do */
	_Atomic uint64_t rekey_wished_ms;

	/* Marks of the timers (core/peer/traffic-marks.ts), in the core's milliseconds; 0: never. */
	_Alignas(64) _Atomic uint64_t data_sent_since_ms;
	_Atomic uint64_t last_sent_ms;
	_Atomic uint64_t tx_bytes;
	_Atomic uint64_t tx_packets;

	_Alignas(64) _Atomic uint64_t data_received_since_ms;
	_Atomic uint64_t last_received_ms;
	_Atomic bool is_more_received;
	_Atomic uint64_t rx_bytes;
	_Atomic uint64_t rx_packets;
	_Atomic uint64_t keepalives_received;
	_Atomic uint64_t drops[DROP_REASONS];
};

/* One session: two keys, a counter to send with, a window to receive through. */
struct keypair {
	struct peer *peer;
	struct keypair *next_in_bucket;
	uint32_t local_index;
	uint32_t remote_index;
	bool is_initiator;
	_Atomic bool is_unconfirmed; /* we answered, and nothing was read with it yet */
	double created_ms;
	struct aead send;    /* sending thread only */
	struct aead receive; /* receiving thread only */
	struct replay replay;
	_Alignas(64) _Atomic uint64_t next_counter;
};

struct peer *peer_new(uint32_t id);
void peer_free(struct peer *peer);

struct endpoint peer_endpoint(struct peer *peer);
void peer_set_endpoint(struct peer *peer, const struct endpoint *endpoint);
/* Lets the system choose the source address again. */
void peer_clear_source(struct peer *peer);
/* Answers from the source of an endpoint, if the peer is there. */
void peer_set_source(struct peer *peer, const struct endpoint *endpoint);
/* Whether two are one address and port, whatever their sources. */
bool endpoint_is_same_place(const struct endpoint *a, const struct endpoint *b);
/* Takes over where an authenticated message came from; true where that is another place than before. */
bool peer_roam(struct peer *peer, const struct endpoint *from);

void peer_note_sent(struct peer *peer, uint64_t now_ms, bool has_data);
void peer_clear_marks(struct peer *peer);
void peer_note_received(struct peer *peer, uint64_t now_ms, bool has_data);

/* A keypair, or NULL where memory ran out or OpenSSL refuses the keys. */
struct keypair *keypair_new(struct peer *peer, const uint8_t *send_key, const uint8_t *receive_key);
void keypair_free(struct keypair *keypair);

static inline bool keypair_is_young(const struct keypair *keypair, double now_ms)
{
	return now_ms - keypair->created_ms < REJECT_AFTER_TIME_MS;
}

/* Takes a counter that nobody else gets; false where none is left. */
static inline bool keypair_take_counter(struct keypair *keypair, uint64_t *counter)
{
	if (atomic_load_explicit(&keypair->next_counter, memory_order_relaxed) >= REJECT_AFTER_MESSAGES)
		return false;
	*counter = atomic_fetch_add_explicit(&keypair->next_counter, 1, memory_order_relaxed);
	return *counter < REJECT_AFTER_MESSAGES;
}

static inline void count(_Atomic uint64_t *counter, uint64_t n)
{
	atomic_fetch_add_explicit(counter, n, memory_order_relaxed);
}

#endif
