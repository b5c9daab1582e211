import { parseQuantity } from '@coxswain/machinery';
import { Failure } from '../error-text.ts';
import type { Verb } from '../verb.ts';
import { changeTemplates, containersLike, templateFlags } from './template-verb.ts';

export const resources: Verb = {
  usage: 'set resources (-f FILENAME | TYPE NAME) ([--limits=LIMITS & --requests=REQUESTS]',
  summary:
    'Specify compute resource requirements (CPU, memory) for any resource that defines a pod template.',
  flags: {
    ...templateFlags,
    containers: { type: 'string', shorthand: 'c', default: '*', help: 'Containers, with * as wildcard' },
    limits: { type: 'string', help: 'Limits, such as cpu=100m,memory=256Mi' },
    requests: { type: 'string', help: 'Requests, such as cpu=100m,memory=256Mi' },
  },
  run: async (session) => {
    const { flags } = session;
    const [limits, requests] = [parse(flags.string('limits')), parse(flags.string('requests'))];
    if (limits === undefined && requests === undefined) {
      throw new Failure(
        'you must specify an update to requests or limits (in the form of --requests/--limits)',
      );
    }
    return changeTemplates(session, session.args, 'resource requirements updated', (spec) => {
      const containers = containersLike(spec, flags.string('containers') ?? '*');
      if (containers.length === 0)
        throw new Failure(`unable to find container named ${flags.string('containers')}`);
      for (const container of containers) {
        container.resources = {
          ...container.resources,
          ...(limits === undefined ? {} : { limits: { ...container.resources?.limits, ...limits } }),
          ...(requests === undefined ? {} : { requests: { ...container.resources?.requests, ...requests } }),
        };
      }
    });
  },
};

function parse(text: string | undefined): Record<string, string> | undefined {
  if (text === undefined || text === '') return undefined;
  return Object.fromEntries(
    text.split(',').map((pair) => {
      const [name = '', value] = pair.split('=');
      if (value === undefined)
        throw new Failure(`invalid argument syntax ${pair}, expected <resource>=<value>`);
      return [name, parseQuantity(value).toString()];
    }),
  );
}
