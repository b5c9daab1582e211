import { parseSerializedList, type SerializedStruct } from '../../serialized-list.ts';
import type { Json } from '../../values.ts';

const toleration: SerializedStruct = {
  name: 'Toleration',
  members: {
    key: ['key', 'Key', 'string'],
    operator: ['operator', 'Operator', 'core.TolerationOperator'],
    value: ['value', 'Value', 'string'],
    effect: ['effect', 'Effect', 'core.TaintEffect'],
    tolerationseconds: ['tolerationSeconds', 'TolerationSeconds', 'int64'],
  },
};

/** GetTolerationsFromPodAnnotations: the tolerations that a text holds, or what Go says is wrong with it. */
export function parseTolerations(text: string): Json[] | string {
  return parseSerializedList(text, toleration);
}
