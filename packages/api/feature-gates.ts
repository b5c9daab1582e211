import { featureGates } from './generated/feature-gates.mjs';

/** A feature gate of kube-apiserver in this release. */
export interface FeatureGate {
  readonly name: string;
  /** `''`: stable. */
  readonly stage: '' | 'ALPHA' | 'BETA' | 'DEPRECATED';
  /** On unless somebody turns it off. */
  readonly byDefault: boolean;
}

let gates: ReadonlyMap<string, FeatureGate> | undefined;

/** Every feature gate by its name, read when they are first asked for. */
export function allFeatureGates(): ReadonlyMap<string, FeatureGate> {
  gates ??= new Map(
    featureGates.split(',').map((line) => {
      const words = line.split(' ');
      const name = words[0] as string;
      const stage = (words.length === 3 ? words[1] : '') as FeatureGate['stage'];
      return [name, { name, stage, byDefault: words.at(-1) === '1' }];
    }),
  );
  return gates;
}
