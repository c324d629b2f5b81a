/*
 * Whose turn it is to read a device's interface. While little is sent it is the receiving thread's: it is awake and
 * warm when the answer to what it delivered comes, and nobody else is woken for it (a ping, a request). Where more is
 * sent, or more than single datagrams come in, a thread of its own reads, so that both directions have a core.
 */
#ifndef FLATLAND_TURN_H
#define FLATLAND_TURN_H

#include <pthread.h>
#include <stdbool.h>

/* How long nothing is sent before the sender gives the interface to the receiver. */
enum { TURN_IDLE_MS = 20 };

struct turn {
	pthread_mutex_t lock;
	bool has_receiver;
	bool is_receivers;
	/* Eventfds by which each is told that its turn may have changed. */
	int sender_fd;
	int receiver_fd;
};

/* False and errno where the machine gives no descriptors. */
bool turn_init(struct turn *turn);
void turn_free(struct turn *turn);

/* A receiver runs, and may be given the interface. */
void turn_receiver_starts(struct turn *turn);
/* It ends: the interface is the sender's again. */
void turn_receiver_ends(struct turn *turn);

/* Whether the sender is to read; then `timeout_ms` is how long it waits before it gives the interface away, -1: for ever. */
bool turn_is_senders(struct turn *turn, int *timeout_ms);
bool turn_is_receivers(struct turn *turn);

/* By the sender, which was idle. */
void turn_to_receiver(struct turn *turn);
/* By the receiver, which is busy. */
void turn_to_sender(struct turn *turn);

/* Forgets that one was told. */
void turn_was_told(int fd);

#endif
