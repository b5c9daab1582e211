import type { ExternalAccessOptions } from './create-external-access.ts';
import type { ExternalAccess } from './external-access.ts';

/** Loads and begins what few servers have: issuers, webhooks, a front proxy, files of policies. */
export async function loadExternalAccess(options: ExternalAccessOptions): Promise<ExternalAccess> {
  const { createExternalAccess } = await import('./create-external-access.ts');
  return createExternalAccess(options);
}
