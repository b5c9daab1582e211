import { Failure } from '../error-text.ts';
import { fileSources } from '../read-files.ts';
import { noResources } from '../resource-builder.ts';
import type { Verb } from '../verb.ts';
import { changeTemplates, splitArgs, templateFlags } from './template-verb.ts';

export const image: Verb = {
  usage:
    'set image (-f FILENAME | TYPE NAME) CONTAINER_NAME_1=CONTAINER_IMAGE_1 ... CONTAINER_NAME_N=CONTAINER_IMAGE_N',
  summary: 'Update existing container image(s) of resources.',
  flags: templateFlags,
  run: async (session) => {
    const [resources, changes] = splitArgs(session.args, 'image', (arg) => arg.includes('='));
    if (resources.length === 0 && fileSources(session) === undefined) {
      throw new Failure(noResources);
    }
    if (changes.length === 0) throw new Failure('at least one image update is required');
    const images = changes.map((text) => {
      const equals = text.indexOf('=');
      return [text.slice(0, equals), text.slice(equals + 1)] as const;
    });
    return changeTemplates(session, resources, 'image updated', (spec) => {
      const all = [...(spec.initContainers ?? []), ...spec.containers];
      for (const [name, wanted] of images) {
        const fitting = name === '*' ? all : all.filter((container) => container.name === name);
        if (fitting.length === 0) throw new Failure(`unable to find container named "${name}"`);
        for (const container of fitting) container.image = wanted;
      }
    });
  },
};
