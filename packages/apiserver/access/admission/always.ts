import type { AdmissionAttributes, AdmissionPlugin } from '../contract.ts';
import { refuse } from './refuse.ts';

/** Admits everything; kept for flags that name it. */
export const alwaysAdmit: AdmissionPlugin = { name: 'AlwaysAdmit', handles: () => false };

/** Refuses every write. */
export const alwaysDenyWrites: AdmissionPlugin = {
  name: 'AlwaysDeny',
  handles: () => true,
  admit: (a: AdmissionAttributes) => {
    throw refuse(a, 'admission control is denying all modifications');
  },
};
