import { Failure } from '../error-text.ts';
import { fileSources } from '../read-files.ts';
import { builderOptions, visit } from '../resource-builder.ts';
import type { Session } from '../session.ts';
import type { Verb } from '../verb.ts';
import { changeTemplates, containersLike, splitArgs, templateFlags } from './template-verb.ts';

export const env: Verb = {
  usage: 'set env RESOURCE/NAME KEY_1=VAL_1 ... KEY_N=VAL_N',
  summary: 'Update environment variables on a pod template.',
  flags: {
    ...templateFlags,
    containers: { type: 'string', shorthand: 'c', default: '*', help: 'Containers, with * as wildcard' },
    env: { type: 'strings', shorthand: 'e', help: 'KEY=VALUE' },
    from: { type: 'string', help: 'configmap/NAME or secret/NAME to take all keys of' },
    keys: { type: 'strings', help: 'Keys to take with --from' },
    list: { type: 'bool', default: 'false', help: 'Show what is set' },
    overwrite: { type: 'bool', default: 'true', help: 'Change what is set already' },
    prefix: { type: 'string', help: 'Prefix of names taken with --from' },
    resolve: { type: 'bool', default: 'false', help: 'Accepted for compatibility' },
  },
  run: async (session) => {
    const [resources, changes] = splitArgs(
      session.args,
      'environment',
      (arg) => arg.includes('=') || /^[\w.-]+-$/.test(arg),
    );
    const all = [...changes, ...session.flags.values('env')];
    const from = session.flags.string('from') ?? '';
    if (resources.length === 0 && fileSources(session) === undefined) {
      throw new Failure('one or more resources must be specified as <resource> <name> or <resource>/<name>');
    }
    if (session.flags.bool('list')) return listEnv(session, resources);
    if (all.length === 0 && from === '')
      throw new Failure('at least one environment variable must be provided');
    const added: EnvVar[] = from === '' ? [] : await fromKeys(session, from);
    const set = all.filter((text) => text.includes('='));
    const remove = all.filter((text) => !text.includes('=')).map((text) => text.slice(0, -1));
    added.push(
      ...set.map((text) => ({
        name: text.slice(0, text.indexOf('=')),
        value: text.slice(text.indexOf('=') + 1),
      })),
    );
    return changeTemplates(session, resources, 'env updated', (spec) => {
      for (const container of containersLike(spec, session.flags.string('containers') ?? '*')) {
        const kept = (container.env ?? []).filter(({ name }: { name: string }) => !remove.includes(name));
        for (const variable of added) {
          const at = kept.findIndex(({ name }: { name: string }) => name === variable.name);
          if (at < 0) kept.push(variable);
          else if (session.flags.bool('overwrite')) kept[at] = variable;
          else
            throw new Failure(
              `'${variable.name}' already has a value (${kept[at].value}), and --overwrite is false`,
            );
        }
        if (kept.length > 0 || container.env !== undefined) container.env = kept;
      }
    });
  },
};

interface EnvVar {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: object;
}

async function fromKeys(session: Session, from: string): Promise<EnvVar[]> {
  const [type = '', name = ''] = from.split('/');
  const mapping = await (await session.discovery()).resourceFor(type);
  const source = await (await session.rest()).get({ mapping, namespace: await session.namespace(), name });
  const ref = mapping.kind === 'Secret' ? 'secretKeyRef' : 'configMapKeyRef';
  const wanted = session.flags.strings('keys');
  const keys = Object.keys(source['data'] ?? {}).filter((key) => wanted.length === 0 || wanted.includes(key));
  const prefix = session.flags.string('prefix') ?? '';
  return keys.sort().map((key) => ({
    name: `${prefix}${key}`.replaceAll(/[^\w]/g, '_').toUpperCase(),
    valueFrom: { [ref]: { name, key } },
  }));
}

async function listEnv(session: Session, resources: readonly string[]): Promise<number> {
  await visit(session, builderOptions(session, resources), (info) => {
    const spec = info.object['spec']?.template?.spec ?? info.object['spec'];
    for (const container of containersLike(spec, session.flags.string('containers') ?? '*')) {
      session.out(`# ${info.mapping.kind} ${info.name}, container ${container.name}\n`);
      for (const { name, value = '', valueFrom } of container.env ?? []) {
        session.out(
          valueFrom === undefined ? `${name}=${value}\n` : `# ${name} from ${JSON.stringify(valueFrom)}\n`,
        );
      }
    }
  });
  return 0;
}
