import type { FunctionTable } from '../functions.ts';
import { formatLibrary } from './format.ts';
import { listTransformLibrary } from './list-transforms.ts';
import { listLibrary } from './lists.ts';
import { networkLibrary } from './network.ts';
import { quantityLibrary } from './quantity.ts';
import { regexLibrary } from './regex.ts';
import { semverLibrary } from './semver.ts';
import { standardLibrary } from './standard.ts';
import { stringLibrary } from './strings.ts';
import { urlLibrary } from './url.ts';

/** Everything that expressions in Kubernetes objects may call. */
export const kubernetesLibrary: FunctionTable = [
  stringLibrary,
  listLibrary,
  listTransformLibrary,
  regexLibrary,
  urlLibrary,
  quantityLibrary,
  networkLibrary,
  formatLibrary,
  semverLibrary,
].reduce((all, one) => all.with(one), standardLibrary);
