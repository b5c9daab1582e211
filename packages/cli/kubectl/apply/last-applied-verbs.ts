import { formatYaml, isNotFound, readJson } from '@coxswain/machinery';
import { Failure } from '../error-text.ts';
import { lastApplied, lastAppliedOf } from '../last-applied.ts';
import { compactJson, formatJson } from '../print/json.ts';
import { dryRunOf, ResultPrinter } from '../print/printer.ts';

import { requiredFiles } from '../read-files.ts';
import { builderOptions, infosOfFiles, visit } from '../resource-builder.ts';
import { dryRunFlags, fileFlags, printFlags, selectorFlags } from '../shared-flags.ts';
import type { Verb } from '../verb.ts';

export const viewLastApplied: Verb = {
  usage: 'apply view-last-applied (TYPE [NAME | -l label] | TYPE/NAME | -f FILENAME)',
  summary: 'View the latest last-applied-configuration annotations by type/name or file.',
  flags: {
    ...fileFlags,
    ...selectorFlags,
    all: { type: 'bool', default: 'false', help: 'All of the type' },
    output: { type: 'string', shorthand: 'o', default: 'yaml', help: 'yaml or json' },
  },
  run: async (session) => {
    const format = session.flags.string('output');
    if (format !== 'yaml' && format !== 'json') {
      throw session.usage(`Unexpected -o output mode: ${format}, the flag 'output' must be one of yaml|json`);
    }
    const { all: _, ...options } = builderOptions(session);
    await visit(session, options, ({ object }) => {
      const text = object.metadata.annotations?.[lastApplied];
      if (text === undefined)
        throw new Failure(
          `no last-applied-configuration annotation found on resource: ${object.metadata.name}`,
        );
      const value: unknown = readJson(text);
      session.out(format === 'json' ? `${formatJson(value, 2)}\n` : formatYaml(value));
    });
    return 0;
  },
};

export const setLastApplied: Verb = {
  usage: 'apply set-last-applied -f FILENAME',
  summary: 'Set the last-applied-configuration annotation on a live object to match the contents of a file.',
  flags: {
    ...fileFlags,
    ...printFlags,
    ...dryRunFlags,
    'create-annotation': { type: 'bool', default: 'false', help: 'Set it where there is none yet' },
  },
  run: async (session) => {
    const dryRun = dryRunOf(session);
    const printer = await ResultPrinter.of(session, dryRun);
    const rest = await session.rest();
    for (const info of await infosOfFiles(session, requiredFiles(session))) {
      const live = await rest.get(info).catch((error: unknown) => {
        throw isNotFound(error) ? new Failure((error as Error).message) : error;
      });
      if (
        live.metadata.annotations?.[lastApplied] === undefined &&
        !session.flags.bool('create-annotation')
      ) {
        throw new Failure(
          `no last-applied-configuration annotation found on resource: ${info.name}, to create the annotation, run the command with --create-annotation`,
        );
      }
      const annotations = { [lastApplied]: lastAppliedOf(info.object!) };
      const body = compactJson({ metadata: { annotations } });
      const query = dryRun === 'server' ? { dryRun: 'All' } : {};
      const object =
        dryRun === 'client'
          ? info.object!
          : await rest.patch(info, 'application/merge-patch+json', body, query);
      printer.print({ ...info, object }, 'configured');
    }
    return 0;
  },
};
