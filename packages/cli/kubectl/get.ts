import { fileSources } from './read-files.ts';
import type { Session } from './session.ts';
import { fileFlags, printFlags, selectorFlags } from './shared-flags.ts';
import { kubectlCommand, type Verb } from './verb.ts';

const verb: Verb = {
  usage:
    'get [(-o|--output=)json|yaml|name|jsonpath|custom-columns|wide] (TYPE[.VERSION][.GROUP] [NAME | -l label] | TYPE[.VERSION][.GROUP]/NAME ...) [flags]',
  summary: 'Display one or many resources.',
  flags: {
    ...fileFlags,
    ...printFlags,
    ...selectorFlags,
    'all-namespaces': { type: 'bool', shorthand: 'A', default: 'false', help: 'Look in all namespaces' },
    'chunk-size': { type: 'int', default: '500', help: 'Objects to ask for at once' },
    'field-selector': { type: 'string', help: 'Field selector' },
    'ignore-not-found': { type: 'bool', default: 'false', help: 'Exit with 0 when the object is not there' },
    'label-columns': { type: 'strings', shorthand: 'L', help: 'Labels to show as columns' },
    'no-headers': { type: 'bool', default: 'false', help: 'Leave the headers out' },
    'output-watch-events': { type: 'bool', default: 'false', help: 'Show the type of each watch event' },
    raw: { type: 'string', help: 'GET this path and print the answer' },
    'server-print': { type: 'bool', default: 'true', help: 'Let the server choose the columns' },
    'show-kind': { type: 'bool', default: 'false', help: 'Print the resource type before the name' },
    'show-labels': { type: 'bool', default: 'false', help: 'Add a column with all labels' },
    'sort-by': { type: 'string', help: 'JSONPath of the field to sort by' },
    subresource: { type: 'string', help: 'status or scale' },
    watch: { type: 'bool', shorthand: 'w', default: 'false', help: 'Go on with what changes' },
    'watch-only': { type: 'bool', default: 'false', help: 'Show what changes alone' },
  },
  run,
};

export const get = kubectlCommand('get', verb);

async function run(session: Session): Promise<number | undefined> {
  const { flags, args } = session;
  const raw = flags.string('raw');
  if (raw !== undefined) {
    session.out(await (await session.rest()).raw('GET', raw));
    return 0;
  }
  if (args.length === 0 && fileSources(session) === undefined) {
    session.err(
      'You must specify the type of resource to get. Use "cox api-resources" for a complete list of supported resources.\n\n',
    );
    throw session.usage(
      'Required resource not specified.\nUse "cox explain <resource>" for a detailed description of that resource (e.g. cox explain pods).',
    );
  }
  if (flags.bool('watch') || flags.bool('watch-only')) {
    const { watchResources } = await import('./get-watch.ts');
    return watchResources(session);
  }
  const { outputOf, printerOf } = await import('./print/printer.ts');
  const { format } = outputOf(session);
  if (format === '' || format === 'wide') {
    const { getTables } = await import('./get-tables.ts');
    return getTables(session, format === 'wide');
  }
  const printer = await printerOf(session);
  const { getObjects } = await import('./get-objects.ts');
  return getObjects(session, printer, format);
}
