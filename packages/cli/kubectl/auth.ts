import { printerOf } from './print/printer.ts';
import { TabWriter } from './print/tab-writer.ts';
import { printFlags } from './shared-flags.ts';
import { kubectlCommand, type Verb } from './verb.ts';

const whoami: Verb = {
  usage: 'auth whoami',
  summary: 'Experimental: Check self subject attributes.',
  flags: printFlags,
  run: async (session) => {
    const printer = await printerOf(session);
    const mapping = { group: 'authentication.k8s.io', version: 'v1', resource: 'selfsubjectreviews' };
    const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview', metadata: {} };
    const answer = await (await session.rest()).create({ mapping }, review);
    if (printer !== undefined) {
      printer.print([answer]);
      return 0;
    }
    const { username = '', uid, groups = [], extra = {} } = answer['status'].userInfo;
    const tabs = new TabWriter((text) => session.out(text));
    tabs.row(['ATTRIBUTE', 'VALUE']);
    tabs.row(['Username', username]);
    if (uid) tabs.row(['UID', uid]);
    if (groups.length > 0) tabs.row(['Groups', `[${groups.join(' ')}]`]);
    for (const key of Object.keys(extra).sort()) tabs.row([`Extra: ${key}`, `[${extra[key].join(' ')}]`]);
    tabs.flush();
    return 0;
  },
};

export const auth = kubectlCommand('auth', {
  usage: 'auth [flags]',
  summary: 'Inspect authorization.',
  subcommands: {
    'can-i': async () => (await import('./auth/can-i.ts')).canI,
    reconcile: async () => (await import('./auth/reconcile.ts')).reconcile,
    whoami: async () => whoami,
  },
});
