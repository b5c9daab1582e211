import { isNotFound, type KubeObject } from '@coxswain/machinery';
import { describerOf } from './describe/describers.ts';
import { describeEvents, eventsOf } from './describe/events.ts';
import { Lines } from './describe/lines.ts';
import { Failure, throwAll } from './error-text.ts';
import { fileSources } from './read-files.ts';
import { builderOptions, fetchWanted, type Info, resolveWanted } from './resource-builder.ts';
import type { Session } from './session.ts';
import { fileFlags, selectorFlags } from './shared-flags.ts';
import { kubectlCommand, type Verb } from './verb.ts';

const verb: Verb = {
  usage: 'describe (-f FILENAME | TYPE [NAME_PREFIX | -l label] | TYPE/NAME)',
  summary: 'Show details of a specific resource or group of resources.',
  flags: {
    ...fileFlags,
    ...selectorFlags,
    'all-namespaces': { type: 'bool', shorthand: 'A', default: 'false', help: 'Look in all namespaces' },
    'chunk-size': { type: 'int', default: '500', help: 'Objects to ask for at once' },
    'show-events': { type: 'bool', default: 'true', help: 'Show the events about it' },
  },
  run,
};

export const describe = kubectlCommand('describe', verb);

async function run(session: Session): Promise<number> {
  const { args, flags } = session;
  if (args.length === 0 && fileSources(session) === undefined) {
    throw new Failure(
      'You must specify the type of resource to describe. Use "cox api-resources" for a complete list of supported resources.',
    );
  }
  const { all: _, ...options } = builderOptions(session);
  const wanted = await resolveWanted(session, options);
  const errors: unknown[] = [];
  const infos: Info[] = [];
  for (const info of wanted.infos) {
    const failed: unknown[] = [];
    infos.push(...(await fetchWanted(session, { ...wanted, infos: [info], selections: [] }, failed)));
    if (failed.length === 0) continue;
    const byPrefix = isNotFound(failed[0]) && !args[0]?.includes('/') ? await withPrefix(session, info) : [];
    infos.push(...byPrefix);
    if (byPrefix.length === 0) errors.push(...failed);
  }
  infos.push(...(await fetchWanted(session, { ...wanted, infos: [] }, errors)));
  let first = true;
  for (const info of infos) {
    session.out(`${first ? '' : '\n\n'}${await describeObject(session, info)}`);
    first = false;
  }
  if (infos.length === 0 && errors.length === 0) {
    const namespaced =
      !flags.bool('all-namespaces') && wanted.selections.every(({ mapping }) => mapping.namespaced);
    session.err(
      namespaced ? `No resources found in ${await session.namespace()} namespace.\n` : 'No resources found\n',
    );
  }
  throwAll(errors);
  return 0;
}

/** A name that nothing bears may be the beginning of names. */
async function withPrefix(session: Session, { mapping, namespace, name }: Info): Promise<Info[]> {
  const selection = { mapping, namespace, query: {} };
  const all = await fetchWanted(session, { infos: [], selections: [selection], single: false }, []);
  return all.filter((info) => info.name.startsWith(name));
}

async function describeObject(session: Session, info: Info): Promise<string> {
  const object = info.object as KubeObject;
  const { describe: write, events } = await describerOf(info.mapping);
  const now = session.clock.now();
  const lines = new Lines();
  await write(lines, object, { session, now });
  if (events && session.flags.bool('show-events')) {
    const uid = info.mapping.kind === 'Node' && info.mapping.group === '' ? info.name : object.metadata.uid;
    const found = await eventsOf(session, object, uid);
    // Of a node, the kubelet reports by name and the controllers by UID.
    if (uid !== object.metadata.uid) found.push(...(await eventsOf(session, object)));
    describeEvents(lines, found, now);
  }
  return lines.aligned();
}
