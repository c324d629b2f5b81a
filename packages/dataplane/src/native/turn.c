#include "turn.h"

#include <errno.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

bool turn_init(struct turn *turn)
{
	*turn = (struct turn){ .sender_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
			       .receiver_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK) };
	pthread_mutex_init(&turn->lock, NULL);
	return turn->sender_fd >= 0 && turn->receiver_fd >= 0;
}

void turn_free(struct turn *turn)
{
	if (turn->sender_fd >= 0)
		close(turn->sender_fd);
	if (turn->receiver_fd >= 0)
		close(turn->receiver_fd);
	pthread_mutex_destroy(&turn->lock);
}

static void tell(int fd)
{
	uint64_t one = 1;

	while (write(fd, &one, sizeof(one)) < 0 && errno == EINTR)
		;
}

void turn_was_told(int fd)
{
	uint64_t n;

	while (read(fd, &n, sizeof(n)) < 0 && errno == EINTR)
		;
}

static void set(struct turn *turn, bool has_receiver, bool is_receivers)
{
	pthread_mutex_lock(&turn->lock);
	turn->has_receiver = has_receiver;
	turn->is_receivers = is_receivers;
	pthread_mutex_unlock(&turn->lock);
}

void turn_receiver_starts(struct turn *turn)
{
	set(turn, true, false);
	tell(turn->sender_fd);
}

void turn_receiver_ends(struct turn *turn)
{
	set(turn, false, false);
	tell(turn->sender_fd);
}

bool turn_is_senders(struct turn *turn, int *timeout_ms)
{
	pthread_mutex_lock(&turn->lock);
	bool is_senders = !turn->is_receivers;
	*timeout_ms = is_senders && turn->has_receiver ? TURN_IDLE_MS : -1;
	pthread_mutex_unlock(&turn->lock);
	return is_senders;
}

bool turn_is_receivers(struct turn *turn)
{
	pthread_mutex_lock(&turn->lock);
	bool is_receivers = turn->is_receivers;
	pthread_mutex_unlock(&turn->lock);
	return is_receivers;
}

void turn_to_receiver(struct turn *turn)
{
	pthread_mutex_lock(&turn->lock);
	bool is_given = turn->has_receiver && !turn->is_receivers;
	if (is_given)
		turn->is_receivers = true;
	pthread_mutex_unlock(&turn->lock);
	if (is_given)
		tell(turn->receiver_fd);
}

void turn_to_sender(struct turn *turn)
{
	pthread_mutex_lock(&turn->lock);
	turn->is_receivers = false;
	pthread_mutex_unlock(&turn->lock);
	tell(turn->sender_fd);
}
