#include "lookout.h"

#include <sched.h>
#include <time.h>

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

uint64_t lookout_next_window(uint64_t window_ns, uint64_t waited_ns)
{
	if (waited_ns <= window_ns)
		return window_ns;
	if (waited_ns > LOOKOUT_MAX_NS)
		return window_ns / 2 < LOOKOUT_MIN_NS ? 0 : window_ns / 2;
	if (window_ns == 0)
		return LOOKOUT_MIN_NS;
	return window_ns * 2 > LOOKOUT_MAX_NS ? LOOKOUT_MAX_NS : window_ns * 2;
}

int lookout_wait(struct lookout *lookout, int epoll_fd, struct epoll_event *events, int n_events)
{
	uint64_t start_ns = now_ns();
	int n = 0;

	while (n == 0 && now_ns() - start_ns < lookout->window_ns) {
		n = epoll_wait(epoll_fd, events, n_events, 0);
		if (n == 0)
			sched_yield();
	}
	if (n == 0)
		n = epoll_wait(epoll_fd, events, n_events, -1);
	lookout->window_ns = lookout_next_window(lookout->window_ns, now_ns() - start_ns);
	return n;
}
