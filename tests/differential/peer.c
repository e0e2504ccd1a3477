// SPDX-License-Identifier: GPL-2.0
/*
 * The second process. See peer.h.
 *
 * An order is a number, and so is the report that it was carried out.
 */
#include "../guest/cm.h"
#include "operations.h"
#include "peer.h"
#include "world.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define ORDER_READY ~0u
#define ORDER_CLOSE (~0u - 1)

static int line = -1;

static unsigned int receive(void)
{
	unsigned int order;

	if (read(line, &order, sizeof(order)) != sizeof(order))
		_exit(1);	/* the other process is gone */
	return order;
}

static void send_order(unsigned int order)
{
	if (write(line, &order, sizeof(order)) != sizeof(order))
		_exit(1);
}

static void serve(const struct sequence *sequence)
{
	world_enter(1);
	send_order(ORDER_READY);
	for (;;) {
		unsigned int order = receive();

		if (order == ORDER_CLOSE)
			world_close_containers();
		else
			sequence->operations[order].type->run(&sequence->operations[order]);
		send_order(order);
	}
}

void peer_start(const struct sequence *sequence)
{
	int ends[2];
	pid_t pid;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	pid = fork();
	assert_true(pid >= 0);
	line = ends[!pid];
	close(ends[!!pid]);
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		serve(sequence);
	}
	assert_int_equal(receive(), ORDER_READY);
}

void peer_run(unsigned int operation)
{
	send_order(operation);
	assert_int_equal(receive(), operation);
}

void peer_close_containers(void)
{
	if (world->pids[1])
		peer_run(ORDER_CLOSE);
}

void peer_end(void)
{
	pid_t pid = world->pids[1];

	if (!pid)
		return;
	world->pids[1] = 0;
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

/* the end of the process whose mappings stay, once in a while */
void peer_end_run(const struct operation *op)
{
	if (op->number % 4 == 0 && world->pids[1])
		peer_end();
	say(world->pids[1] ? " -> not yet" : " -> gone");
}
