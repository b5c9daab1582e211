import { goQuote } from '@coxswain/machinery';
import type { EncryptionConfig } from './config.ts';

const kmsV1Text =
  'KMSv1 is deprecated and will only receive security updates going forward. Use KMSv2 instead.  Set --feature-gates=KMSv1=true to use the deprecated KMSv1 feature.';

/** Why a valid configuration cannot be used: its feature is off, or what it says of a resource never counts. */
export function buildFault({ resources: blocks = [] }: EncryptionConfig): string | undefined {
  const earlier = new Set<string>();
  for (const { resources = [], providers = [] } of blocks) {
    if (providers.some(({ kms }) => kms?.apiVersion === 'v1')) return kmsV1Text;
    for (const name of resources) {
      const mask = [anyOfGroup(name), '*.*'].find((one) => earlier.has(one));
      if (mask !== undefined) return `resource ${goQuote(name)} is masked by earlier rule ${goQuote(mask)}`;
      earlier.add(name);
    }
  }
  return undefined;
}

function anyOfGroup(name: string): string {
  const dot = name.indexOf('.');
  return dot < 0 ? '*.' : `*${name.slice(dot)}`;
}
