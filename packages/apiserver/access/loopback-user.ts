import type { UserInfo } from './contract.ts';

/** The user that the server's own parts act as: upstream's loopback identity. */
export const loopbackUser: UserInfo = {
  name: 'system:apiserver',
  groups: ['system:masters', 'system:authenticated'],
};
