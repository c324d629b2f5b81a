/* What the packet path leaves to the protocol core: a bounded queue from the device's threads to the event loop. */
#ifndef FLATLAND_UPCALL_H
#define FLATLAND_UPCALL_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "peer.h"

enum upcall_kind {
	UPCALL_PACKET,    /* an inner packet that there is no session, no peer or no room for */
	UPCALL_DATAGRAM,  /* a handshake message or cookie reply */
	UPCALL_ROAMED,    /* an authenticated message came from another endpoint */
	UPCALL_CONFIRMED, /* the first message was read with a session that we answered */
	UPCALL_REKEY,     /* a session that should be renewed was used */
	UPCALL_TOO_LONG,  /* the path does not take datagrams of a length */
	UPCALL_GONE,      /* the interface is gone */
	UPCALL_UNDER_LOAD, /* more handshake messages come than a device means to answer; told again while they do */
	UPCALL_KINDS,
};

struct upcall {
	struct upcall *next;
	enum upcall_kind kind;
	uint32_t number; /* peer's id, local index, or errno */
	uint32_t length; /* of the bytes, or of the datagram that was too long; 1: a session was received with */
	struct endpoint from;
	uint8_t bytes[];
};

struct upcalls {
	pthread_mutex_t lock;
	struct upcall *first;
	struct upcall **end;
	uint32_t n_waiting[UPCALL_KINDS];
	bool is_announced;
	void (*announce)(void *context);
	void *context;
};

void upcalls_init(struct upcalls *upcalls, void (*announce)(void *context), void *context);

/* Queues something with a copy of `bytes`; false where too much of its kind waits already. */
bool upcall(struct upcalls *upcalls, const struct upcall *what, const uint8_t *bytes);

/* Takes everything, oldest first; to be freed one by one. */
struct upcall *upcalls_take(struct upcalls *upcalls);

void upcalls_free(struct upcalls *upcalls);

#endif
