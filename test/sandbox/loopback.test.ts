// Proves that the proxy for loopback names leads to those names alone, whoever on this machine asks it.
import http from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openLoopbackProxy, type LoopbackProxy } from '../../src/sandbox/loopback.ts';
import { serve, type LocalServer } from './world.ts';

let server: LocalServer;
let proxy: LoopbackProxy;
beforeAll(async () => {
  server = await serve((request, answer) => void answer.end(`${request.method} ${request.url}`));
  proxy = await openLoopbackProxy([{ name: 'Model.test', port: server.port }]);
});
afterAll(async () => {
  await proxy.close();
  await server.close();
});

const ask = (target: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const asked = http.request({ host: '127.0.0.1', port: proxy.port, path: target }, async (reply) => {
      let text = `${reply.statusCode} `;
      for await (const chunk of reply) text += chunk;
      resolve(text.trim());
    });
    asked.once('error', reject).end();
  });

const tunnel = (target: string): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    const asked = http.request({ host: '127.0.0.1', port: proxy.port, method: 'CONNECT', path: target });
    asked.once('connect', (reply, socket) => {
      socket.destroy();
      resolve(reply.statusCode);
    });
    asked.once('error', reject).end();
  });

test('a mapped name answers, in either form and any case', async () => {
  expect(await ask(`http://model.TEST:${server.port}/a?b=c`)).toBe('200 GET /a?b=c');
  expect(await tunnel(`model.test:${server.port}`)).toBe(200);
});

test.each(['http://model.test:1/', 'http://127.0.0.1/', 'http://other.test/', '/origin-form', 'ftp://model.test/'])(
  '%s is refused',
  async (target) => {
    expect(await ask(target)).toMatch(/^403/);
  },
);

test.each(['model.test:1', '127.0.0.1:22', 'other.test:443', 'model.test'])(
  'a tunnel to %s is refused',
  async (target) => {
    expect(await tunnel(target)).toBe(403);
  },
);
