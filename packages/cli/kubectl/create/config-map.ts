import { isUtf8 } from 'node:buffer';
import { dataFlags, dataOf } from './file-data.ts';
import { generatorVerb } from './generator.ts';

export const configMap = generatorVerb({
  usage: 'create configmap NAME [--from-file=[key=]source] [--from-literal=key1=value1]',
  summary: 'Create a config map based on a file, directory, or specified literal value.',
  flags: {
    ...dataFlags,
    'append-hash': { type: 'bool', default: 'false', help: 'Append a hash of the data to the name' },
  },
  failing: 'configmap',
  build: (session, name) => {
    const data: Record<string, string> = {};
    const binaryData: Record<string, string> = {};
    for (const [key, value] of dataOf(session)) {
      if (isUtf8(value)) data[key] = value.toString('utf8');
      else binaryData[key] = value.toString('base64');
    }
    return {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name },
      ...(Object.keys(binaryData).length > 0 ? { binaryData } : {}),
      ...(Object.keys(data).length > 0 ? { data } : {}),
    };
  },
});
