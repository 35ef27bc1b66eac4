// Owns the choice of the `ai` SDK's provider; each is imported only when it is the one in use.
import type { LanguageModel } from 'ai';
import { unreachable } from '../domain/fault.ts';
import type { RouterPolicy } from '../domain/policy.ts';

export async function openModel(router: RouterPolicy, apiKey: string): Promise<LanguageModel> {
  const settings = router.base_url === null ? { apiKey } : { apiKey, baseURL: router.base_url };
  switch (router.provider) {
    case 'anthropic':
      return (await import('@ai-sdk/anthropic')).createAnthropic(settings)(router.model);
    case 'openai':
      return (await import('@ai-sdk/openai')).createOpenAI(settings)(router.model);
    case 'google':
      return (await import('@ai-sdk/google')).createGoogle(settings)(router.model);
    case 'openai_compatible': {
      const { createOpenAICompatible } = await import('@ai-sdk/openai-compatible');
      const baseURL = router.base_url ?? 'http://127.0.0.1:8000/v1';
      return createOpenAICompatible({ name: 'router', apiKey, baseURL, supportsStructuredOutputs: true })(router.model);
    }
    default:
      return unreachable(router.provider);
  }
}
