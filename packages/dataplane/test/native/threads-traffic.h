/* What the two hosts of `threads-race.c` send each other: datagrams whose bytes follow from their first ones. */
#ifndef FLATLAND_THREADS_TRAFFIC_H
#define FLATLAND_THREADS_TRAFFIC_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* A host on the other side of a device's interface: a thread that sends all the time, and looks at what comes. */
struct host {
	pthread_t thread;
	int fd;
	uint8_t number;
	_Atomic bool stops;
	_Atomic uint64_t n_intact;
	_Atomic uint64_t n_broken;
	uint64_t random;
};

uint32_t random_below(uint64_t *state, uint32_t limit);

/* Starts a host, number 1 or 2, with the address 10.0.0.number. */
void host_start(struct host *host, int fd, uint8_t number, uint64_t seed);
void host_stop(struct host *host);

#endif
