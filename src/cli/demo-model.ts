// Owns the model behind the demo's engines: none for the scripted one, the vendor's with a key, a scripted one without.

export interface DemoModel {
  readonly anthropic_key: string;
  readonly openai_key: string;
  /** Base URL the engine is pointed at; null: the vendor's own. */
  readonly url: string | null;
  close(): Promise<void>;
}

/** The router needs some key to be asked at all; its own model is scripted and takes any. */
const ANY_KEY = 'demo-key';

export async function openModel(
  engine: 'custom' | 'claude' | 'codex',
  env: Readonly<Record<string, string | undefined>>,
): Promise<DemoModel> {
  const own_key =
    engine === 'claude' ? env['ANTHROPIC_API_KEY'] : engine === 'codex' ? env['OPENAI_API_KEY'] : undefined;
  const keys = { anthropic_key: ANY_KEY, openai_key: engine === 'codex' ? ANY_KEY : '' };
  if (engine === 'custom') return { ...keys, url: null, close: () => Promise.resolve() };
  if (own_key !== undefined && own_key !== '') {
    const own = engine === 'claude' ? { anthropic_key: own_key } : { openai_key: own_key };
    return { ...keys, ...own, url: null, close: () => Promise.resolve() };
  }
  const { startScriptedModel } = await import('../local/demo/scripted-model.ts');
  const model = await startScriptedModel(engine);
  return { ...keys, url: engine === 'codex' ? `${model.url}/v1` : model.url, close: model.close };
}
