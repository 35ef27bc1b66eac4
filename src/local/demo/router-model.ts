// Owns the demo's routing model: an OpenAI-compatible server that answers from a script, unsure where the text is.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';

const Request = z.object({
  messages: z.array(
    z.object({ role: z.string(), content: z.union([z.string(), z.array(z.object({ text: z.string() }).loose())]) }),
  ),
});
const Issues = z.object({ issues: z.array(z.object({ task: z.string(), title: z.string(), body: z.string() })) });

export interface RouterModel {
  readonly url: string;
  close(): Promise<void>;
}

export async function startRouterModel(engine: string): Promise<RouterModel> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(completion(answerFor(Buffer.concat(chunks).toString('utf8'), engine))));
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

function answerFor(body: string, engine: string): string {
  const { messages } = Request.parse(JSON.parse(body));
  const asked = messages.findLast(({ role }) => role === 'user')?.content ?? '';
  const text = typeof asked === 'string' ? asked : (asked[0]?.text ?? '');
  const { issues } = Issues.parse(JSON.parse(text.split('\n\nYour last answer')[0] ?? ''));
  return JSON.stringify({
    routes: issues.map(({ task, title, body: words }) => {
      const vague = words.length < 30;
      const complexity = /every|all/i.test(title) ? 'complex' : 'simple';
      return {
        task,
        engine,
        complexity,
        role: 'code',
        skills: [],
        tools: [],
        constraints: [],
        likely_files: [...words.matchAll(/`([\w./-]+\.\w+)`/g)].map((match) => match[1]),
        confidence: vague ? 0.2 : 0.9,
        reason: vague ? 'the issue does not say what to do' : `a ${complexity} change in a named place`,
      };
    }),
  });
}

function completion(content: string) {
  return {
    id: 'scripted',
    object: 'chat.completion',
    created: 0,
    model: 'scripted-router',
    choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 400, completion_tokens: 80, total_tokens: 480 },
  };
}
