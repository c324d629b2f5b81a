/* Sliding window over counters (RFC 6479). */
#ifndef FLATLAND_REPLAY_H
#define FLATLAND_REPLAY_H

#include <stdbool.h>
#include <stdint.h>

enum { REPLAY_RING_WORDS = 128, REPLAY_WINDOW = (REPLAY_RING_WORDS - 1) * 64 };

struct replay {
	uint64_t greatest;
	uint64_t ring[REPLAY_RING_WORDS];
};

/*
 * Marks the counter of an authenticated message as seen. False where it was seen before, lies more than the window
 * behind the greatest, or reaches `limit`.
 */
bool replay_accept(struct replay *replay, uint64_t counter, uint64_t limit);

#endif
