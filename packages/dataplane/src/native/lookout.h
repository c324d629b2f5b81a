/*
 * How long a thread that sent something alone looks for what comes back before it sleeps: to wake it takes longer than
 * all it does for a packet. It looks as long as answers were there that soon of late and no longer, so that where none
 * comes, or from afar, it sleeps at once (as KVM's halt_poll_ns has it), and lets others have the core while it looks.
 */
#ifndef FLATLAND_LOOKOUT_H
#define FLATLAND_LOOKOUT_H

#include <stdint.h>
#include <sys/epoll.h>

enum { LOOKOUT_MIN_NS = 20 * 1000, LOOKOUT_MAX_NS = 200 * 1000 };

/* What is to be looked for how long; all zero at first. */
struct lookout {
	uint64_t window_ns;
};

/* The next window after an answer took so long. */
uint64_t lookout_next_window(uint64_t window_ns, uint64_t waited_ns);

/* Like epoll_wait() for ever. */
int lookout_wait(struct lookout *lookout, int epoll_fd, struct epoll_event *events, int n_events);

#endif
