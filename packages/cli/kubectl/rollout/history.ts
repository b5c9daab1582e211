import { Lines } from '../describe/lines.ts';
import { describeTemplate } from '../describe/pod-template.ts';
import { Failure } from '../error-text.ts';
import { printerOf } from '../print/printer.ts';
import { TabWriter } from '../print/tab-writer.ts';
import { fileSources } from '../read-files.ts';
import { builderOptions, nameOf, visit } from '../resource-builder.ts';
import { fileFlags, printFlags, selectorFlags } from '../shared-flags.ts';
import type { Verb } from '../verb.ts';
import { revisionsOf } from './revisions.ts';

export const history: Verb = {
  usage: 'rollout history (TYPE NAME | TYPE/NAME) [flags]',
  summary: 'View previous rollout revisions and configurations.',
  flags: {
    ...fileFlags,
    ...printFlags,
    ...selectorFlags,
    revision: { type: 'int', default: '0', help: 'Show the template of this revision' },
  },
  run: async (session) => {
    if (session.args.length === 0 && fileSources(session) === undefined) {
      throw new Failure('required resource not specified');
    }
    const wanted = session.flags.int('revision') ?? 0;
    if (wanted < 0) throw new Failure(`revision must be a positive integer: ${wanted}`);
    const printer = await printerOf(session);
    const { all: _, ...options } = builderOptions(session);
    await visit(session, options, async (info) => {
      const revisions = await revisionsOf(session, info);
      const one = wanted === 0 ? undefined : revisions.find(({ number }) => number === wanted);
      if (wanted > 0 && one === undefined) throw new Failure(`unable to find the specified revision`);
      if (printer !== undefined) {
        printer.print([(one ?? revisions.at(-1))?.keeper]);
        return;
      }
      const title = `${nameOf(info)} `;
      if (one !== undefined) {
        const lines = new Lines();
        if (one.cause !== '') lines.add(0, `Annotations:\tkubernetes.io/change-cause: ${one.cause}`);
        describeTemplate(lines, one.template);
        session.out(`${title}with revision #${wanted}\n${lines.raw()}\n`);
        return;
      }
      session.out(`${title}\n`);
      const tabs = new TabWriter((text) => session.out(text), { minWidth: 0, padding: 2 });
      tabs.row(['REVISION', 'CHANGE-CAUSE']);
      for (const { number, cause } of revisions) tabs.row([String(number), cause || '<none>']);
      tabs.flush();
      session.out('\n');
    });
    return 0;
  },
};
