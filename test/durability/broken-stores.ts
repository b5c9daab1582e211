import type { SeededRandom } from '../support/seeded-random.ts';
import type { Found, Register } from './register-history.ts';

/** Registers with a fault that comes up now and then: the checks must find each. */
export const faults: Readonly<Record<string, (sound: Register, random: SeededRandom) => Register>> = {
  'a read that is behind': (sound, random) => {
    const before = new Map<string, Found | undefined>();
    return {
      ...sound,
      get: async (key) => {
        const found = await sound.get(key);
        const old = before.get(key);
        before.set(key, found);
        return random.oneIn(20) ? old : found;
      },
    };
  },
  'an update that does not compare': (sound, random) => ({
    ...sound,
    update: async (key, text, found) => {
      const now = random.oneIn(20) ? await sound.get(key) : found;
      return sound.update(key, text, now ?? found);
    },
  }),
  'a write that is acknowledged and not done': (sound, random) => ({
    ...sound,
    create: async (key, text) => {
      if (!random.oneIn(4)) return sound.create(key, text);
      const found = await sound.get(key);
      return found === undefined ? 1_000_000 + random.below(1_000_000) : undefined;
    },
  }),
  'a refused write that is done': (sound, random) => ({
    ...sound,
    delete: async (key, found) => {
      const done = await sound.delete(key, found);
      return random.oneIn(10) ? undefined : done;
    },
  }),
};
