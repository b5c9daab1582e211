import { Failure } from '../error-text.ts';
import type { Verb } from '../verb.ts';
import { changeTemplates, templateFlags } from './template-verb.ts';

export const serviceAccount: Verb = {
  usage: 'set serviceaccount (-f FILENAME | TYPE NAME) SERVICE_ACCOUNT',
  summary: 'Update the service account of pod template resources.',
  flags: templateFlags,
  run: async (session) => {
    const name = session.args.at(-1);
    if (name === undefined) throw new Failure('serviceaccount is required');
    return changeTemplates(session, session.args.slice(0, -1), 'serviceaccount updated', (spec) => {
      spec.serviceAccountName = name;
      spec.serviceAccount = name;
    });
  },
};
