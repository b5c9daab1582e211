import { createHash } from 'node:crypto';
import type { KubeObject } from '@coxswain/machinery';
import { compactJson } from '../print/json.ts';

/** Digits that could make words, or look like others, are other letters. */
const letters: Readonly<Record<string, string>> = { '0': 'g', '1': 'h', '3': 'k', a: 'm', e: 't' };

/** The hash that the name of a config map or a secret ends in: of kind, type and data. Names count for nothing. */
export function contentHash(object: KubeObject): string {
  const digest = createHash('sha256')
    .update(compactJson(content(object)))
    .digest('hex');
  return digest.slice(0, 10).replaceAll(/[013ae]/g, (digit) => letters[digit] as string);
}

function content(object: KubeObject): object {
  const { kind, data = '', binaryData, stringData, type = '' } = object;
  const common = { kind, name: '', data };
  if (kind === 'ConfigMap') return binaryData === undefined ? common : { ...common, binaryData };
  if (kind === 'Secret') return { ...common, type, ...(stringData === undefined ? {} : { stringData }) };
  return object;
}
