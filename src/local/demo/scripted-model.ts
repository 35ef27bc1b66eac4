// Owns the scripted model behind the real CLIs of the demo: it tells them to run the same edits the scripted engine does.
import { LLMock } from '@copilotkit/aimock';
import { SEED_ISSUES } from './seed.ts';

// Without it, a script's answer is served at any turn, and a refused tool call loops for ever.
process.env['AIMOCK_STRICT_TURN_INDEX'] = '1';

export interface ScriptedModel {
  readonly url: string;
  close(): Promise<void>;
}

const USAGE = { usage: { input_tokens: 1_200, output_tokens: 180 } };

/** One script for each issue: run the edit, then say so. Both vendors' tools are offered; each CLI knows its own. */
export async function startScriptedModel(engine: 'claude' | 'codex'): Promise<ScriptedModel> {
  const mock = new LLMock({ port: 0, logLevel: 'silent' });
  for (const { title, body } of SEED_ISSUES) {
    // By its body: the title also stands in the prompt of whatever depends on it.
    const about = {
      predicate: (request: { readonly messages: readonly unknown[] }) =>
        JSON.stringify(request.messages).includes(body),
    };
    let asked = 0;
    mock.on({ ...about, turnIndex: 0 }, () => {
      asked += 1;
      return { toolCalls: [toolCall(engine, `node tools/agent.mjs '${title}' ${asked} package.json`)], ...USAGE };
    });
    mock.on({ ...about, turnIndex: 1 }, { content: finalWord(title), ...USAGE });
  }
  await mock.start();
  return { url: mock.url, close: () => Promise.resolve(mock.stop()).then(() => undefined) };
}

function toolCall(engine: 'claude' | 'codex', command: string): { readonly name: string; readonly arguments: string } {
  if (engine === 'claude')
    return { name: 'Bash', arguments: JSON.stringify({ command, description: 'edit the files' }) };
  return { name: 'exec_command', arguments: JSON.stringify({ cmd: command }) };
}

function finalWord(title: string): string {
  const word = {
    type: 'orch.result',
    outcome: 'success',
    title,
    summary: 'Done as asked; the tests pass.',
    remaining: '',
  };
  return `I made the change.\n${JSON.stringify(word)}`;
}
