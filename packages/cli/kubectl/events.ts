import { humanDuration } from '@coxswain/machinery';
import { Failure } from './error-text.ts';
import { printerOf } from './print/printer.ts';
import { TabWriter } from './print/tab-writer.ts';
import { parseResourceArgs } from './resource-args.ts';
import type { Session } from './session.ts';
import { printFlags } from './shared-flags.ts';
import { kubectlCommand, type Verb } from './verb.ts';

const verb: Verb = {
  usage:
    'events [(-o|--output=)json|yaml|name|jsonpath] [--for TYPE/NAME] [--watch] [--types=Normal,Warning]',
  summary: 'Display events.',
  flags: {
    ...printFlags,
    'all-namespaces': { type: 'bool', shorthand: 'A', default: 'false', help: 'Of all namespaces' },
    'chunk-size': { type: 'int', default: '500', help: 'Events to ask for at once' },
    for: { type: 'string', help: 'About this object alone' },
    'no-headers': { type: 'bool', default: 'false', help: 'Leave the headers out' },
    types: { type: 'strings', help: 'Normal or Warning alone' },
    watch: { type: 'bool', shorthand: 'w', default: 'false', help: 'Go on with what happens' },
  },
  run,
};

export const events = kubectlCommand('events', verb);

async function run(session: Session): Promise<number> {
  const { flags } = session;
  const types = flags.strings('types').map((type) => type.toLowerCase());
  if (types.some((type) => type !== 'normal' && type !== 'warning')) {
    throw new Failure('valid --types are Normal or Warning');
  }
  const everywhere = flags.bool('all-namespaces');
  const namespace = everywhere ? undefined : await session.namespace();
  const mapping = { group: '', version: 'v1', resource: 'events' };
  const rest = await session.rest();
  const query = { fieldSelector: await aboutSelector(session) };
  const list = await rest.list({ mapping, namespace }, { ...query, limit: 500 });
  const wanted = (event: any): boolean =>
    types.length === 0 || types.includes(String(event.type).toLowerCase());
  const items = list.items.filter(wanted).sort((a, b) => lastOf(a) - lastOf(b));
  const printer = await printerOf(session);
  if (items.length === 0 && !flags.bool('watch')) {
    session.err(everywhere ? 'No events found.\n' : `No events found in ${namespace} namespace.\n`);
    return 0;
  }
  if (printer !== undefined) {
    printer.print([{ ...list, items }]);
    return 0;
  }
  const tabs = new TabWriter((text) => session.out(text));
  const row = (event: any): void => {
    const { involvedObject: about } = event;
    tabs.row([
      ...(everywhere ? [event.metadata.namespace] : []),
      interval(event, session.clock.now()),
      event.type,
      event.reason,
      `${about.kind}/${about.name}`,
      (event.message ?? '').trim(),
    ]);
  };
  if (!flags.bool('no-headers')) {
    tabs.row([...(everywhere ? ['NAMESPACE'] : []), 'LAST SEEN', 'TYPE', 'REASON', 'OBJECT', 'MESSAGE']);
  }
  items.forEach(row);
  tabs.flush();
  if (!flags.bool('watch')) return 0;
  let resourceVersion = list.metadata.resourceVersion;
  while (!session.signal.aborted) {
    await rest.watch(
      { mapping, namespace },
      { ...query, resourceVersion },
      ({ type, object }) => {
        resourceVersion = object.metadata?.resourceVersion ?? resourceVersion;
        if (type === 'BOOKMARK' || type === 'DELETED' || !wanted(object)) return;
        row(object);
        tabs.flush();
      },
      session.signal,
    );
  }
  return 0;
}

async function aboutSelector(session: Session): Promise<string> {
  const about = session.flags.string('for');
  if (!about) return '';
  const { pairs } = await parseResourceArgs(await session.discovery(), [about]);
  const { mapping, name } = pairs[0]!;
  const apiVersion = mapping.group === '' ? mapping.version : `${mapping.group}/${mapping.version}`;
  return `involvedObject.kind=${mapping.kind},involvedObject.apiVersion=${apiVersion},involvedObject.name=${name}`;
}

function lastOf(event: any): number {
  return Date.parse(event.series?.lastObservedTime ?? event.lastTimestamp ?? event.eventTime ?? 0);
}

function interval(event: any, now: number): string {
  const age = (text: string | undefined | null): string =>
    text ? humanDuration(now - Date.parse(text)) : '<unknown>';
  const first = age(event.firstTimestamp ?? event.eventTime);
  if (event.series) return `${age(event.series.lastObservedTime)} (x${event.series.count} over ${first})`;
  if ((event.count ?? 0) > 1) return `${age(event.lastTimestamp)} (x${event.count} over ${first})`;
  return first;
}
