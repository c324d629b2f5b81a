/* One WireGuard device's packet path: its tables, and two threads that carry packets through them. */
#ifndef FLATLAND_DEVICE_H
#define FLATLAND_DEVICE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "handshake-gate.h"
#include "peer.h"
#include "reply-sources.h"
#include "trie.h"
#include "turn.h"
#include "udp.h"
#include "upcall.h"

enum {
	MESSAGE_TRANSPORT_TYPE = 4,
	MESSAGE_TRANSPORT_HEADER_BYTES = 16,
	MESSAGE_KEEPALIVE_BYTES = 32,
	PADDING_MULTIPLE = 16,
};

/* A thread, and how to stop it. */
struct worker {
	pthread_t thread;
	int stop_fd;
	struct device *device;
	struct udp *udp; /* of a receiving thread */
};

struct device {
	/* Guards the tables; held for reading by the threads for a batch at a time, for writing by the core. */
	pthread_rwlock_t lock;
	struct trie allowed_ips[2]; /* IPv4, IPv6 */
	struct peer **peers;	    /* by id */
	uint32_t n_peer_slots;
	struct keypair **buckets; /* by local index */
	uint32_t n_buckets;
	uint32_t n_keypairs;
	struct udp *udp;

	int tun;
	bool merges_tcp; /* frames of several segments may be written to the interface */
	_Atomic bool merges_udp;
	bool uses_udp_gso;
	bool uses_udp_gro;
	double clock_offset_ms; /* the core's time less CLOCK_MONOTONIC */
	_Atomic uint32_t mtu;
	_Atomic bool is_ready; /* up, with a private key */
	_Atomic bool is_gone;  /* the interface */
	_Atomic uint64_t drops[DROP_REASONS];
	struct upcalls upcalls;
	struct reply_sources reply_sources;
	struct handshake_gate gate;
	struct worker *sender;
	struct worker *receiver;
	struct turn turn;
	/* What the thread that carries what the interface sends works with, one at a time. */
	pthread_mutex_t sending;
	struct encapsulator *encapsulator;
};

struct device *device_new(int tun, uint32_t mtu, void (*announce)(void *context), void *context);
/* Stops the threads, erases all keys, closes the sockets; the TUN descriptor is the caller's. */
void device_free(struct device *device);

/* The core's time in milliseconds. */
double device_now_ms(const struct device *device);

/* Starts carrying what the interface sends; 0 or an errno. */
int device_start(struct device *device);
/* Opens sockets on a port and moves to them; 0 or an errno. */
int device_bind(struct device *device, uint16_t port);
void device_close_sockets(struct device *device);

/* Tables. The caller is the core's thread; they lock for themselves. */
struct peer *device_add_peer(struct device *device, uint32_t id);
void device_remove_peer(struct device *device, uint32_t id);
bool device_set_allowed_ip(struct device *device, const uint8_t *address, uint8_t n_bytes, uint8_t length, uint32_t id);
void device_remove_allowed_ip(struct device *device, const uint8_t *address, uint8_t n_bytes, uint8_t length);
bool device_add_keypair(struct device *device, struct keypair *keypair);
void device_remove_keypair(struct device *device, uint32_t local_index);
/* The session that a peer is sent to with; NULL: none. */
void device_set_sending(struct device *device, uint32_t id, uint32_t local_index);

/* From which of our addresses a message of the core leaves: the one that its receiver used, where that is known. */
void device_choose_source(struct device *device, struct endpoint *to);
/* What cookies are made with (`core/noise/cookie-checker.ts`). */
void device_set_cookie_keys(struct device *device, const struct cookie_keys *keys);
/* Lets the system choose again for whoever is at an endpoint. */
void device_forget_source(struct device *device, const struct endpoint *to);

/* Under the lock. */
struct peer *device_peer(const struct device *device, uint32_t id);
struct keypair *device_keypair(const struct device *device, uint32_t local_index);
struct peer *device_route(const struct device *device, const uint8_t *address, uint8_t family);

/* Counts a drop for the device, and for a peer where there is one. */
void device_dropped(struct device *device, struct peer *peer, enum drop_reason reason, uint64_t n);

/* Tells the core, not more often than REKEY_WISH_INTERVAL_MS, that a peer's session should be renewed. */
void device_wish_rekey(struct device *device, struct peer *peer, double now_ms, bool by_receiving);

struct encapsulator *encapsulator_new(struct device *device);
/* Carries one frame that waits at the interface, unless another thread is about it: the answer to what was just delivered; whether there was one. */
bool encapsulate_answer(struct device *device, int stop_fd);

/* What carrying came to. `ENCAPSULATED_GONE`: the interface is gone, by errno. */
enum encapsulated { ENCAPSULATED_ALL, ENCAPSULATED_SOME, ENCAPSULATED_GONE };
/* Carries what waits at the interface, at most so many frames, in the turn of the caller. */
enum encapsulated encapsulate_waiting(struct device *device, int stop_fd, uint32_t budget);

/* Main functions of the threads. */
void *encapsulate_main(void *worker);
void *decapsulate_main(void *worker);

/* Tells the core, once, that there is no interface any more. */
void device_interface_gone(struct device *device, int error);

/* Writes one packet to the interface; the buffer has VNET_HEADER_BYTES of room before it. */
bool device_write_packet(struct device *device, uint8_t *packet, uint32_t length);

#endif
