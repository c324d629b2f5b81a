import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { readConsoleFiles, type ConsoleFile } from './console-files.ts';

const ONE_YEAR_S = 365 * 24 * 3600;

/** Serves the exported console. Without one, says how to make it. */
export async function consoleRoutes(server: FastifyInstance, directory: string): Promise<void> {
  const files = readConsoleFiles(directory);
  if (files.size === 0) {
    server.get('/', (_request, reply) =>
      reply
        .code(503)
        .type('text/plain; charset=utf-8')
        .send('The console is not built: run `npm run build`, then start again.\n'),
    );
    return;
  }
  await server.register(fastifyStatic, {
    root: directory,
    serve: false,
    cacheControl: false,
    dotfiles: 'allow',
  });
  server.get('/*', (request, reply) => {
    const file = files.get(pathOf(request.url));
    if (file !== undefined) return send(reply, file);
    const missing = files.get('/404.html');
    return missing === undefined ? reply.callNotFound() : send(reply.code(404), missing);
  });
}

function send(reply: FastifyReply, file: ConsoleFile): FastifyReply {
  if (file.policy !== undefined) void reply.header('content-security-policy', file.policy);
  void reply.header(
    'cache-control',
    file.immutable ? `public, max-age=${ONE_YEAR_S}, immutable` : 'no-cache',
  );
  return reply.sendFile(file.name);
}

function pathOf(url: string): string {
  const path = url.replace(/[?#].*$/s, '');
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
