// Owns the model behind the demo's engines: none for the scripted one, the vendor's with a key, a scripted one without.

export interface DemoModel {
  readonly anthropic_key: string;
  readonly openai_key: string;
  /** Base URL the engine is pointed at; null: the vendor's own. */
  readonly url: string | null;
  /** One line for people; empty for the scripted engine, which asks no model. */
  readonly says: string;
  close(): Promise<void>;
}

/** The router needs some key to be asked at all; its own model is scripted and takes any. */
const ANY_KEY = 'demo-key';
const KEY_NAMES = { claude: 'ANTHROPIC_API_KEY', codex: 'OPENAI_API_KEY' } as const;

type Env = Readonly<Record<string, string | undefined>>;

export async function openModel(engine: 'custom' | 'claude' | 'codex', env: Env): Promise<DemoModel> {
  const keys = { anthropic_key: ANY_KEY, openai_key: engine === 'codex' ? ANY_KEY : '' };
  if (engine === 'custom') return { ...keys, url: null, says: '', close: () => Promise.resolve() };
  const key_name = KEY_NAMES[engine];
  const own_key = env[key_name] ?? '';
  if (own_key !== '') {
    const own = engine === 'claude' ? { anthropic_key: own_key } : { openai_key: own_key };
    const says = `It asks the vendor's model with your ${key_name}: this costs money, and ends as the model will have it.`;
    return { ...keys, ...own, url: null, says, close: () => Promise.resolve() };
  }
  const { startScriptedModel } = await import('../local/demo/scripted-model.ts');
  const model = await startScriptedModel(engine);
  const says = `It asks a scripted model on this machine; with ${key_name} set, it would ask the vendor's.`;
  return { ...keys, url: engine === 'codex' ? `${model.url}/v1` : model.url, says, close: model.close };
}
