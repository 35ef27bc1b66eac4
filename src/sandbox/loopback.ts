// Owns the proxy that leads made-up host names to servers on this machine's loopback, and nowhere else.
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { LoopbackName } from './rules.ts';

export interface LoopbackProxy {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * A program inside cannot say `127.0.0.1`: that is its own loopback, and clients never send it to a proxy.
 * The runtime's proxy hands requests for the names to this one as its parent.
 */
export async function openLoopbackProxy(names: readonly LoopbackName[]): Promise<LoopbackProxy> {
  const ports = new Map(names.map(({ name, port }) => [`${name.toLowerCase()}:${port}`, port]));
  const sockets = new Set<Duplex>();
  const server = createServer((incoming, answer) => forward(incoming, answer, ports));
  server.on('connect', (incoming: IncomingMessage, client: Duplex, head: Buffer) => {
    sockets.add(client);
    client.once('close', () => sockets.delete(client));
    tunnel(ports.get(authority(incoming.url)), client, head);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('A server on loopback has no port');
  return {
    port: address.port,
    close: () => {
      server.closeAllConnections();
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function authority(target: string | undefined): string {
  return (target ?? '').toLowerCase();
}

function forward(incoming: IncomingMessage, answer: ServerResponse, ports: ReadonlyMap<string, number>): void {
  const url = URL.canParse(incoming.url ?? '') ? new URL(incoming.url ?? '') : undefined;
  const port = url === undefined ? undefined : ports.get(`${url.hostname}:${url.port === '' ? '80' : url.port}`);
  if (url === undefined || port === undefined) {
    answer.writeHead(403).end('No such name on this machine\n');
    return;
  }
  const options = {
    host: '127.0.0.1',
    port,
    method: incoming.method,
    path: url.pathname + url.search,
    headers: incoming.headers,
  };
  const upstream = httpRequest(options, (reply) => {
    answer.writeHead(reply.statusCode ?? 502, reply.headers);
    reply.pipe(answer);
    reply.once('error', () => answer.destroy());
  });
  upstream.once('error', () => (answer.headersSent ? answer.destroy() : answer.writeHead(502).end()));
  answer.once('close', () => upstream.destroy());
  incoming.pipe(upstream);
}

function tunnel(port: number | undefined, client: Duplex, head: Buffer): void {
  client.on('error', () => client.destroy());
  if (port === undefined) {
    client.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    return;
  }
  const upstream: Socket = connect(port, '127.0.0.1', () => {
    client.write('HTTP/1.1 200 Connection established\r\n\r\n');
    upstream.write(head);
    upstream.pipe(client);
    client.pipe(upstream);
  });
  upstream.on('error', () => client.destroy());
  client.once('close', () => upstream.destroy());
}
