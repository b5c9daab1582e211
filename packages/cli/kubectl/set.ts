import { kubectlCommand } from './verb.ts';

export const set = kubectlCommand('set', {
  usage: 'set SUBCOMMAND',
  summary: 'Configure application resources.',
  subcommands: {
    env: async () => (await import('./set/env.ts')).env,
    image: async () => (await import('./set/image.ts')).image,
    resources: async () => (await import('./set/resources.ts')).resources,
    selector: async () => (await import('./set/selector.ts')).selector,
    subject: async () => (await import('./set/subject.ts')).subject,
    serviceaccount: async () => (await import('./set/service-account.ts')).serviceAccount,
    sa: async () => (await import('./set/service-account.ts')).serviceAccount,
  },
});
