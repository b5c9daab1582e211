import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatYaml, parseApiVersion } from '@coxswain/machinery';
import { Failure } from '../error-text.ts';

import { kubectlCommand } from '../verb.ts';
import { buildKustomization } from './build.ts';

export const kustomize = kubectlCommand('kustomize', {
  usage: 'kustomize DIR [flags]',
  summary: "Build a set of KRM resources using a 'kustomization.yaml' file.",
  flags: {
    'load-restrictor': {
      type: 'string',
      default: 'LoadRestrictionsRootOnly',
      help: 'LoadRestrictionsNone: files may lie outside of the folder',
    },
    output: { type: 'string', shorthand: 'o', help: 'Write to this file or folder' },
  },
  run: async (session) => {
    const { args, flags } = session;
    if (args.length > 1) throw new Failure('specify one path to kustomization.yaml');
    const restrictor = flags.string('load-restrictor') ?? '';
    if (!/^LoadRestrictions(None|RootOnly)$/.test(restrictor)) {
      throw new Failure(
        `illegal flag value --load-restrictor ${restrictor}; legal values: [LoadRestrictionsRootOnly LoadRestrictionsNone]`,
      );
    }
    const objects = buildKustomization(args[0] ?? '.', {
      anywhere: restrictor === 'LoadRestrictionsNone',
      warn: (text) => session.err(text),
    });
    const output = flags.string('output');
    if (output !== undefined && statSync(output, { throwIfNoEntry: false })?.isDirectory()) {
      for (const object of objects) {
        const { group, version } = parseApiVersion(object.apiVersion);
        const { name = '', namespace } = object.metadata;
        const parts = [namespace, group, version, object.kind, name].filter((part) => part);
        writeFileSync(join(output, `${parts.join('_').toLowerCase()}.yaml`), formatYaml(object));
      }
      return 0;
    }
    const text = objects.map(formatYaml).join('---\n');
    if (output === undefined) session.out(text);
    else writeFileSync(output, text);
    return 0;
  },
});
